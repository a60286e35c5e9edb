"""How conferences, their dates, their invitations and their PINs are changed."""

import datetime as dt
from functools import partial
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from conferences.models import Conference, Invitation, Schedule
from conferences.services.dates import seen_of
from tests import make
from tests.accuconf.changes.asking import DIGITS, post

#: A date to come, whenever this is run.
DATE = {
    "starts_on": timezone.localdate() + dt.timedelta(days=30),
    "starts_at_time": dt.time(12),
    "time_zone": "UTC",
    "minutes": 60,
}


def edit_conference(here, name):
    shown = here.client.get(reverse(name, args=[here.conference.pk])).context["form"]
    return post(here, name, here.conference.pk, seen=shown["seen"].value(), name="Renamed")


def schedule_conference(here, name):
    return post(here, name, name="Briefing", token=uuid4(), **typed_date())


def cancel_conference(here, name):
    Conference.objects.filter(pk=here.conference.pk).update(kind="one_time")
    return post(here, name, here.conference.pk)


def set_date(here, name):
    return post(here, name, here.conference.pk, repeats="once", **typed_date())


def typed_date():
    return {**DATE, "expected_participants": 5, "seen": seen_of(None)}


def clear_date(here, name):
    Schedule.objects.create(conference=here.conference, **DATE)
    return post(here, name, here.conference.pk)


def invite(here, name):
    make.pin(conference=here.conference, digits=DIGITS)
    return post(here, name, here.conference.pk, people="pat@guest.example")


def change_invitation(here, name):
    invitation = Invitation.objects.create(
        conference=here.conference, email="pat@guest.example", invited_at=timezone.now()
    )
    return post(here, name, here.conference.pk, invitation.pk)


def change_pins(here, name, **typed):
    pin = make.pin(conference=here.conference, digits=DIGITS)
    return post(here, name, here.conference.pk, seen=pin.pk, **typed)


def change_pin(here, name, **facts):
    pin = make.pin(conference=here.conference, digits=DIGITS, **facts)
    return post(here, name, here.conference.pk, pin.pk, seen=pin.pk)


def restore_pin(here, name):
    return change_pin(here, name, removed_at=timezone.now())


CHANGES = {
    "conferences:conference_new": schedule_conference,
    "conferences:conference_edit": edit_conference,
    "conferences:conference_cancel": cancel_conference,
    "conferences:date_edit": set_date,
    "conferences:date_clear": clear_date,
    "conferences:invitation_list": invite,
    "conferences:invitation_send": change_invitation,
    "conferences:invitation_cancel": change_invitation,
    "conferences:pin_add": partial(change_pins, kind="speaker"),
    "conferences:pin_add_many": partial(change_pins, kind="speaker", lines="Ana", add="yes"),
    "conferences:pin_sheet": change_pins,
    "conferences:pin_reveal": change_pin,
    "conferences:pin_replace": change_pin,
    "conferences:pin_remove": change_pin,
    "conferences:pin_restore": restore_pin,
}

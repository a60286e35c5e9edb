"""From a line of a bill to its legs, and from each leg to the file that it came in by."""

import datetime as dt

import pytest
from django.urls import reverse

from conferences.models import Leg
from tests import make
from tests.pages import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]
LEGS = reverse("admin:conferences_leg_changelist")


def test_bill_line_leads_to_its_legs_and_each_leg_to_its_file(client, clerk, account):
    bill = make.issued(account, "2026-03", dollars=30)
    (line,) = bill.lines.all()
    leg = line.session.legs.get()
    sign_in(client, clerk)

    lines = client.get(reverse("admin:billing_billline_changelist"), {"bill__id__exact": bill.pk})
    legs_of_line = f"{LEGS}?session__id__exact={line.session_id}"
    legs = client.get(legs_of_line)
    file = reverse("admin:conferences_callfile_change", args=[leg.call_file_id])

    assert legs_of_line in lines.content.decode()
    assert f'<a href="{file}">made.csv, record 0</a>' in legs.content.decode()
    assert client.get(file).status_code == 200


def test_session_leads_to_its_legs(client, clerk, conference):
    call = make.session(conference=conference, keyed_code="KEY-7")
    sign_in(client, clerk)

    page = client.get(reverse("admin:conferences_session_change", args=[call.pk])).content.decode()

    assert f"{LEGS}?session__id__exact={call.pk}" in page
    assert "KEY-7" in page


def test_legs_are_shown_of_one_call_or_file_and_never_all(client, clerk, conference):
    calls = [make.session(conference=conference) for _ in range(2)]
    leg = calls[0].legs.get()
    sign_in(client, clerk)

    def shown(**lookups):
        return list(client.get(LEGS, lookups).context["cl"].queryset)

    assert shown() == []
    assert shown(session__id__exact=calls[0].pk) == [leg]
    assert shown(call_file__id__exact=leg.call_file_id) == [leg]


def test_leg_is_only_looked_at(client, staff, conference):
    leg = make.session(conference=conference).legs.get()
    sign_in(client, staff)

    page = reverse("admin:conferences_leg_change", args=[leg.pk])

    assert client.get(page).status_code == 200
    assert client.post(page, {"seconds": 1}).status_code == 403
    assert Leg.objects.get().left_at - leg.joined_at == dt.timedelta(minutes=10)

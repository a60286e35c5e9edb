"""Editing a conference: its name, options and billing code; two at once; what the log keeps."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry
from conferences.models import Conference
from tests import make
from tests.pages import complaints, read, sign_in

TYPED = {"name": "Board meeting", "billing_code": "CC-7", "mutes_on_entry": "on"}


def edit(client, conference, **typed):
    """Fill in the form as it is shown, changing `typed`, and send it."""
    address = reverse("conferences:conference_edit", args=[conference.pk])
    seen = client.get(address).context["form"]["seen"].value()
    return client.post(address, {"seen": seen, **typed})


@pytest.fixture
def editor(client, basic, conference):
    """A basic user with Full Rights, signed in."""
    make.rights(basic, conference, "full")
    sign_in(client, basic)
    return basic


def test_name_billing_code_and_options_are_changed_and_logged(client, editor, conference):
    response = edit(client, conference, **TYPED)

    changed = Conference.objects.get()
    assert response.url == conference.get_absolute_url()
    assert (changed.name, changed.billing_code) == ("Board meeting", "CC-7")
    assert (changed.mutes_on_entry, changed.plays_entry_tones) == (True, False)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor, entry.account) == ("changed", editor, conference.account)
    assert entry.before == {
        "name": "Weekly meeting",
        "billing_code": "",
        "mutes_on_entry": False,
        "plays_entry_tones": True,
    }


def test_what_stays_as_it_is_writes_nothing(client, editor, conference):
    edit(client, conference, name=conference.name, plays_entry_tones="on")

    assert AuditEntry.objects.count() == 0


def test_two_at_once_overwrite_nothing_unseen(client, editor, admin, conference):
    address = reverse("conferences:conference_edit", args=[conference.pk])
    seen = client.get(address).context["form"]["seen"].value()
    edit(client, conference, name="Steering", plays_entry_tones="on")

    late = client.post(address, {"seen": seen, **TYPED})

    assert Conference.objects.get().name == "Steering"
    assert complaints(late) == [
        "It is now “Steering”.",
        "It is now empty.",
        "It is now switched on.",
        "It is now switched off.",
    ]
    assert read(late).one("div", role="alert").text.startswith("Ben Basic changed this conference")
    again = {field.name: field.value() for field in late.context["form"] if field.value()}
    client.post(address, again)
    assert Conference.objects.get().name == "Board meeting"


def test_a_name_is_needed_and_what_was_typed_is_kept(client, editor, conference):
    late = edit(client, conference, **TYPED | {"name": "  "})

    assert complaints(late) == ["This field is required."]
    assert read(late).one("input", name="billing_code").attributes["value"] == "CC-7"
    assert read(late).one("h1").text == "Edit conference"


def test_the_button_is_there_for_full_rights_alone(client, basic, conference):
    make.rights(basic, conference, "moderate")
    sign_in(client, basic)
    address = reverse("conferences:conference_edit", args=[conference.pk])

    shown = client.get(conference.get_absolute_url()).content.decode()

    assert address not in shown
    assert client.get(address).status_code == 403
    make.rights(basic, conference, "full")
    assert address in client.get(conference.get_absolute_url()).content.decode()

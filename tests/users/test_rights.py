"""Changing roles and rights: what is written, told and refused."""

import datetime as dt

import pytest
from django.core import mail

from accounts.actors import Actor
from accounts.editing import ChangedMeanwhile
from accounts.models import AuditEntry, Letter
from accounts.services.letters import send_due_letters
from tests import make
from users.models import User
from users.services.locks import LastAdmin, PersonRemoved
from users.services.people import remove_user
from users.services.rights import UnknownConference, change_rights, standing

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def fresh(person):
    return User.objects.get(pk=person.pk)


def change(person, admin, *, role=None, ticked=None, seen=None, now=NOW):
    person = fresh(person)
    return change_rights(
        person,
        role=role or person.role,
        ticked=person.ticked_rights if ticked is None else ticked,
        seen=seen or standing(person),
        by=Actor(user=admin),
        now=now,
    )


def ticks(person):
    return {pk: set(rights) for pk, rights in fresh(person).ticked_rights.items()}


def test_exactly_what_is_ticked_is_held(account, admin, basic, conference):
    board = make.conference(account=account, name="Board")
    make.rights(basic, conference, "view", "recording")

    change(basic, admin, ticked={conference.pk: ["recording"], board.pk: ["full", "view"]})

    assert ticks(basic) == {conference.pk: {"recording"}, board.pk: {"full", "view"}}


def test_change_is_in_the_log_in_words_before_and_after(account, admin, basic, conference):
    board = make.conference(account=account, name="Board")
    make.rights(basic, conference, "view")

    change(basic, admin, role="schedule", ticked={board.pk: ["view", "recording"]})

    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.subject, entry.actor) == (
        "changed rights of",
        "User Ben Basic",
        admin,
    )
    assert entry.before == {"role": "Customer Basic", str(conference): "View", str(board): None}
    assert entry.after == {
        "role": "Customer Schedule",
        str(conference): None,
        str(board): "View and Recording",
    }


def test_no_change_is_no_entry_and_no_letter(admin, basic, conference):
    make.rights(basic, conference, "view")

    change(basic, admin)

    assert not AuditEntry.objects.exists()
    assert not Letter.objects.exists()


def test_view_billing_has_no_rights_left_whatever_is_ticked(admin, basic, conference):
    make.rights(basic, conference, "view")

    change(basic, admin, role="billing", ticked={conference.pk: ["full"]})

    assert fresh(basic).role == "billing"
    assert ticks(basic) == {}


def test_an_admin_keeps_ticks_for_the_day_the_role_changes(admin, basic, conference):
    make.rights(basic, conference, "view")

    change(basic, admin, role="admin")

    assert ticks(basic) == {conference.pk: {"view"}}


def test_conference_of_another_account_changes_nothing(admin, basic, conference, stranger):
    theirs = make.conference(account=stranger.account)
    make.rights(basic, conference, "view")

    with pytest.raises(UnknownConference):
        change(basic, admin, role="schedule", ticked={theirs.pk: ["full"]})

    assert (fresh(basic).role, ticks(basic)) == ("basic", {conference.pk: {"view"}})
    assert not AuditEntry.objects.exists()


def test_right_that_is_none_changes_nothing(admin, basic, conference):
    with pytest.raises(ValueError, match="root"):
        change(basic, admin, ticked={conference.pk: ["root"]})

    assert ticks(basic) == {}


def test_second_of_two_admins_is_told_and_overwrites_nothing(admin, basic, conference):
    seen = standing(fresh(basic))
    change(basic, admin, ticked={conference.pk: ["view"]}, seen=seen)

    with pytest.raises(ChangedMeanwhile):
        change(basic, admin, ticked={conference.pk: ["full"]}, seen=seen)

    assert ticks(basic) == {conference.pk: {"view"}}


def test_standing_differs_by_role_and_by_each_right(basic, conference):
    standings = {standing(fresh(basic))}
    for right in ("view", "recording"):
        make.rights(basic, conference, right)
        standings.add(standing(fresh(basic)))
    User.objects.filter(pk=basic.pk).update(role="schedule")
    standings.add(standing(fresh(basic)))

    assert len(standings) == 4


@pytest.mark.parametrize("role", ["basic", "schedule", "billing"])
def test_last_active_admin_is_not_demoted(account, admin, role):
    make.user(account=account, role="admin", is_active=False)
    make.user(account=account, role="admin", email_confirmed_at=None)

    with pytest.raises(LastAdmin):
        change(admin, admin, role=role)

    assert fresh(admin).role == "admin"


def test_admin_beside_another_may_be_demoted(account, admin):
    make.user(account=account, role="admin")

    change(admin, admin, role="basic")

    assert fresh(admin).role == "basic"


def test_whoever_was_removed_is_not_changed(admin, basic):
    remove_user(basic, by=Actor(user=admin), now=NOW)

    with pytest.raises(PersonRemoved):
        change(basic, admin, role="admin")


def test_person_is_told_by_whom_and_when(admin, basic, conference):
    change(basic, admin, role="schedule")

    list(send_due_letters(now=NOW))

    (letter,) = mail.outbox
    words = " ".join(letter.body.split())
    assert (letter.to, letter.subject) == ([basic.email], "What you may do has changed")
    assert "Ana Admin changed what you may do on Aurora Robotics" in words
    assert "Your role now is Customer Schedule." in words
    assert "If you do not know why, ask Ana Admin or tell us." in words


def test_whoever_has_not_proved_the_address_is_told_nothing(account, admin, conference):
    invited = make.user(account=account, email_confirmed_at=None)

    change(invited, admin, role="schedule")

    assert not Letter.objects.exists()


def test_all_admins_are_told_of_a_new_one(admin, basic):
    change(basic, admin, role="admin")

    list(send_due_letters(now=NOW))

    subjects = {(letter.to[0], letter.subject) for letter in mail.outbox}
    assert subjects == {
        (basic.email, "What you may do has changed"),
        (basic.email, "Ben Basic is now a Customer Admin"),
        (admin.email, "Ben Basic is now a Customer Admin"),
    }

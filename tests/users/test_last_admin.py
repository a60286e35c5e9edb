"""An account keeps its last Admin, also against two Admins who act at the same moment."""

import datetime as dt

import pytest
from django.db import connection
from django.db.models import QuerySet

from accounts.actors import Actor
from tests import make
from tests.children import run_together
from users.models import User
from users.services import locks, people
from users.services.locks import LastAdmin
from users.services.rights import change_rights, standing

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db(transaction=True)


def demote(person, *, by, now):
    person = User.objects.get(pk=person.pk)
    change_rights(person, role="basic", ticked={}, seen=standing(person), by=by, now=now)


@pytest.fixture
def admins(monkeypatch):
    """The two Admins of an account; whoever has counted the Admins waits a moment to go on."""
    account = make.account()
    counted = locks.keep_an_admin

    def count_and_wait(leaving):
        counted(leaving)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.5)")

    monkeypatch.setattr(people, "keep_an_admin", count_and_wait)
    monkeypatch.setattr("users.services.rights.keep_an_admin", count_and_wait)
    return [make.user(account=account, role="admin", name=name) for name in ("Ada", "Bo")]


def act_on_each_other(act, admins):
    """Let both act on the other at once, each allowed to be refused."""

    def attempt(person, by):
        try:
            act(person, by=Actor(user=by), now=NOW)
        except LastAdmin:
            return

    first, second = admins
    run_together(lambda: attempt(first, second), lambda: attempt(second, first))


WAYS = [demote, people.disable_user, people.remove_user]


@pytest.mark.parametrize("act", WAYS)
def test_two_admins_at_once_leave_one(admins, act):
    act_on_each_other(act, admins)

    assert User.objects.active_admins().count() == 1


@pytest.mark.parametrize("act", WAYS)
def test_without_the_lock_they_would_leave_none(admins, act, monkeypatch):
    """The control: both count two Admins before either has gone."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **how: rows)

    act_on_each_other(act, admins)

    assert User.objects.active_admins().count() == 0

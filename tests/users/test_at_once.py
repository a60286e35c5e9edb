"""What two people do to the same person or account at the same moment."""

import datetime as dt

import pytest
from django.db import connection

from accounts.actors import Actor
from tests import make
from tests.children import run_together
from tests.users import factors
from users.second_factor import has_second_factor
from users.services import email_change, people, second_factor, signing_in
from users.services.email_change import End

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin():
    return make.user(account=make.account(), role="admin", name="Ada")


@pytest.fixture
def colleague(admin):
    return make.user(account=admin.account, role="admin", name="Bo")


def slowly(monkeypatch, room, name, *, seconds):
    """Let whoever calls `name` of `room` wait before it."""
    at_once = getattr(room, name)

    def after_a_moment(*args, **kwargs):
        pause(seconds)
        return at_once(*args, **kwargs)

    monkeypatch.setattr(room, name, after_a_moment)


def pause(seconds):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(%s)", [seconds])


def test_agreeing_to_an_address_and_being_disabled_do_not_block_each_other(
    admin, colleague, monkeypatch
):
    change = email_change.ask_email_change(
        colleague, new_email="new@example.com", by=Actor(user=colleague), now=NOW
    )
    slowly(monkeypatch, email_change, "record", seconds=0.6)
    slowly(monkeypatch, people, "locked", seconds=0.2)

    run_together(
        lambda: email_change.agree(change, End.NEW, by=Actor(label="new@example.com"), now=NOW),
        lambda: people.disable_user(colleague, by=Actor(user=admin), now=NOW),
    )

    colleague.refresh_from_db()
    change.refresh_from_db()
    assert not colleague.is_active
    assert change.new_agreed_at == NOW


def test_sign_ins_end_for_both_of_two_reasons(admin, colleague, monkeypatch):
    slowly(monkeypatch, signing_in, "record", seconds=0.6)
    slowly(monkeypatch, people, "locked", seconds=0.2)

    run_together(
        lambda: signing_in.choose_password(
            colleague, password="another long password", by=Actor(user=colleague), now=NOW
        ),
        lambda: people.end_sign_ins(colleague, by=Actor(user=admin), now=NOW),
    )

    colleague.refresh_from_db()
    assert colleague.sign_in_epoch == 2


def test_nobody_requires_a_factor_while_removing_their_own(admin, monkeypatch):
    factor = factors.app(admin)
    slowly(monkeypatch, second_factor, "name_of", seconds=0.6)
    by = Actor(user=admin)

    def require():
        pause(0.2)
        try:
            second_factor.require_second_factor(admin.account, is_required=True, by=by, now=NOW)
        except second_factor.OwnFactorMissing:
            return

    run_together(lambda: second_factor.remove_factor(factor, by=by, now=NOW), require)

    admin.account.refresh_from_db()
    assert not has_second_factor(admin)
    assert not admin.account.requires_second_factor

"""Moving in: what only one account may use, in one file, in a later one, and in two at once."""

import copy
import datetime as dt
import threading

import pytest
from django.db import connection, transaction

from accounts.models import Account
from accuconf.moving_in.taking_in import take_in
from conferences.models import Conference, Pin
from tests.accuconf.customers_file import ADMIN, ON_DEMAND, another_account, whole_file
from users.models import User

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def document():
    return whole_file()


def alone(number):
    """An account that has nothing which another could have."""
    return another_account(number=number, users=[{**ADMIN, "email": f"a{number}@x.example"}])


def bring_in(file, after=lambda: None):
    """Import in a thread of its own, when `after` returns."""
    after()
    try:
        take_in(copy.deepcopy(file), now=NOW)
    finally:
        connection.close()


def refusals(document):
    return [str(note) for note in take_in(document, now=NOW).refusals]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"users": [ADMIN]},
            "accounts[0].users[0].email: signs in on another account already",
        ),
        (
            {"conferences": [{**ON_DEMAND, "pins": []}]},
            "accounts[0].conferences[0].number: is a conference of another account already",
        ),
        (
            {"conferences": [{**ON_DEMAND, "number": "30009"}]},
            "accounts[0].conferences[0].pins[0].digits: is in use already, or was until lately",
        ),
    ],
)
def test_what_another_account_has_is_refused_in_a_later_file(document, changes, sentence):
    take_in(document, now=NOW)

    assert sentence in refusals({"accounts": [another_account(**changes)]})


def test_digits_under_an_older_key_are_refused(document, settings):
    take_in(document, now=NOW)
    settings.PIN_HASH_KEYS = ["new", *settings.PIN_HASH_KEYS]
    same_digits = another_account(conferences=[{**ON_DEMAND, "number": "30009"}])

    sentence = "accounts[0].conferences[0].pins[0].digits: is in use already, or was until lately"
    assert sentence in refusals({"accounts": [same_digits]})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"users": [ADMIN]},
            "accounts[1].users[0].email: is the same as accounts[0].users[0].email",
        ),
        (
            {"conferences": [{**ON_DEMAND, "number": "30009"}]},
            "accounts[1].conferences[0].pins[0].digits: is the same as"
            " accounts[0].conferences[0].pins[0].digits",
        ),
    ],
)
def test_what_another_account_has_is_refused_in_the_same_file(document, changes, sentence):
    document["accounts"].append(another_account(**changes))

    assert sentence in refusals(document)
    assert Account.objects.get().number == "40012"


def test_removed_pin_that_still_rests_is_refused(document):
    take_in(document, now=NOW)
    Pin.objects.update(removed_at=NOW)
    line = {**ON_DEMAND, "number": "30009"}

    found = refusals({"accounts": [another_account(conferences=[line])]})

    assert len(found) == 2


def test_account_that_collides_while_it_is_stored_leaves_nothing_behind(document, monkeypatch):
    take_in(document, now=NOW)
    before = Account.objects.count(), User.objects.count(), Conference.objects.count()
    line = {**ON_DEMAND, "number": "30009"}
    later = {"accounts": [another_account(conferences=[line]), alone("40014")]}
    monkeypatch.setattr("accuconf.moving_in.stored.taken_among", lambda used: set())

    found = refusals(later)

    assert found == [
        "accounts[0]: was stored by somebody else at the same moment; import the file once more"
    ]
    assert Account.objects.latest("pk").number == "40014"
    after = Account.objects.count(), User.objects.count(), Conference.objects.count()
    assert after == (before[0] + 1, before[1] + 1, before[2])


@pytest.mark.django_db(transaction=True)
def test_import_waits_for_another_that_is_storing(document):
    importing = threading.Thread(target=bring_in, args=[document])

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('import_customers'))")
        importing.start()
        importing.join(timeout=1)
        assert importing.is_alive()
        assert Account.objects.count() == 0

    importing.join()
    assert Account.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_bring_everything_in_once(document):
    document["accounts"] = [alone(str(number)) for number in range(50)]
    backwards = {**document, "accounts": document["accounts"][::-1]}
    together = threading.Barrier(2)
    imports = [
        threading.Thread(target=bring_in, args=[file, together.wait])
        for file in (document, backwards)
    ]

    for thread in imports:
        thread.start()
    for thread in imports:
        thread.join()

    assert (Account.objects.count(), User.objects.count()) == (50, 50)
    assert refusals(document) == []

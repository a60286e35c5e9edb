"""The pages about people where there is much of everything, beside the smallest page that we have.

Run it with `./portal test tests/benchmarks/bench_people_pages.py -s`. It prints the ratios; it
asserts that everything is on the pages.
"""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import AuditEntry
from accounts.services.audit import audit_entry
from conferences.models import Conference
from tests.benchmarks.answering import seconds_for
from tests.pages import sign_in
from users.models import ConferenceRight, User

PEOPLE, CONFERENCES, ENTRIES = 1_000, 500, 10_000
TIMES = 7
NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


@pytest.fixture
def crowd(account, admin):
    """A colleague with a right on every conference, in a company that has much of everything."""
    Conference.objects.bulk_create(
        Conference(account=account, name=f"Line {number:03}", number=f"7{number:05}")
        for number in range(CONFERENCES)
    )
    people = User.objects.bulk_create(
        User(
            account=account, role="basic", name=f"Person {number:04}", email=f"p{number}@a.example"
        )
        for number in range(PEOPLE)
    )
    ConferenceRight.objects.bulk_create(
        ConferenceRight(user=people[0], conference=line, right="view")
        for line in account.conferences.all()
    )
    by = Actor(user=admin)
    AuditEntry.objects.bulk_create(
        audit_entry("changed", f"Thing {number}", by=by, now=NOW, account=account)
        for number in range(ENTRIES)
    )
    return people[0]


def test_pages_with_much_on_them(client, admin, crowd):
    sign_in(client, admin)
    smallest = seconds_for(client, reverse("account_inactive"), times=TIMES)
    print(f"\nThe smallest page: {1000 * smallest:.1f} ms")
    pages = {
        f"View Account with {PEOPLE:,} people": reverse("accounts:account_view"),
        f"Edit User Rights with {CONFERENCES} conferences": reverse(
            "users:rights_edit", args=[crowd.pk]
        ),
        f"See what they see, of {CONFERENCES} conferences": reverse(
            "users:user_view", args=[crowd.pk]
        ),
        f"Audit log of {ENTRIES:,} entries": reverse("accounts:log_list"),
    }
    for what, url in pages.items():
        seconds = seconds_for(client, url, times=TIMES)
        print(f"{what}: {1000 * seconds:.0f} ms, {seconds / smallest:.1f} times the smallest page")

    page = client.get(reverse("users:rights_edit", args=[crowd.pk])).content.decode()
    assert page.count('name="ticked"') == 4 * CONFERENCES

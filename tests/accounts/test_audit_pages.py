"""The audit log as the account's Admins read it."""

import csv
import datetime as dt
import io

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import AuditEntry
from accounts.services.audit import audit_entry, record
from tests import make
from tests.pages import card, read, rows, sign_in

URL = reverse("accounts:log_list")
EXPORT = reverse("accounts:log_export")
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def write(verb, subject, *, by, account, now=NOW, label="", **circumstances):
    actor = Actor(user=by, label=label, from_address="192.0.2.7")
    return record(verb, subject, by=actor, now=now, account=account, **circumstances)


def listed(client, **query):
    return rows(card(client.get(URL, query), "entries"))


def subjects(client, **query):
    return [what.split(" ", 1)[1] for _, _, what, _ in listed(client, **query)]


def exported(client, **query):
    response = client.get(EXPORT, query)
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def complaints(response):
    return [element.text for element in read(response).all("div") if "invalid-feedback" in
            element.attributes.get("class", "")]  # fmt: skip


def test_entry_says_when_who_what_before_and_after_and_from_where(client, account, admin):
    write(
        "changed", account, by=admin, account=account,
        before={"terms": "card", "city": "Boston"}, after={"terms": "check", "city": ""},
    )  # fmt: skip
    sign_in(client, admin)

    assert listed(client) == [
        [
            "Nov 20, 2026, 7:00 AM",
            "Ana Admin Nov 20, 2026, 7:00 AM",
            f"changed Account {account} City Boston → – Payment terms"
            " Card or bank account, charged on the 1st → Corporate check, 30 days",
            "192.0.2.7",
        ]
    ]


def test_what_is_new_has_no_before(client, account, admin, basic):
    write("added", basic, by=admin, account=account, after={"role": "basic", "is_active": True})
    sign_in(client, admin)

    assert listed(client)[0][2] == "added User Ben Basic Active Yes Role Customer Basic"


def test_newest_come_first_and_fifty_fill_a_page(client, account, admin):
    AuditEntry.objects.bulk_create(
        audit_entry("tried", f"{n}", by=Actor(user=admin), now=NOW + n * HOUR, account=account)
        for n in range(51)
    )
    sign_in(client, admin)

    assert subjects(client)[:2] == ["50", "49"]
    assert subjects(client, page=2) == ["0"]


def test_staff_are_named_as_the_operator_s(client, account, admin, staff):
    record("changed", "PIN", by=Actor(user=staff, on_behalf_of=admin), now=NOW, account=account)
    sign_in(client, admin)

    assert listed(client)[0][1].startswith("Stefan Staff (operator) for Ana Admin")


def test_other_accounts_and_the_operator_s_own_entries_are_not_shown(
    client, account, admin, stranger, staff
):
    write("changed", "theirs", by=stranger, account=stranger.account)
    write("changed", "own", by=staff, account=None)
    sign_in(client, admin)

    assert "Nothing was done yet" in card(client.get(URL), "entries").text
    assert [row[3] for row in exported(client)[1:]] == ["exported"]


def test_operator_s_own_entries_are_visible_to_nobody_here(staff):
    write("changed", "own", by=staff, account=None)

    assert list(AuditEntry.objects.visible_to(staff)) == []


@pytest.fixture
def three(client, account, admin, basic, staff):
    """Three entries of three days, by three people, and the Admin signed in."""
    day = dt.timedelta(days=1)
    write("added", "conference Alpha", by=basic, account=account, now=NOW - 2 * day)
    write("changed", "conference Beta", by=admin, account=account, now=NOW - day)
    write("changed", "conference Gamma", by=staff, account=account, now=NOW)
    sign_in(client, admin)


def test_filter_by_person(client, three, basic):
    assert subjects(client, who=basic.pk) == ["conference Alpha"]
    assert subjects(client, who="operator") == ["conference Gamma"]


def test_filter_by_what_was_done(client, three):
    assert subjects(client, did="changed") == ["conference Gamma", "conference Beta"]


def test_filter_by_days_of_the_reader_s_zone(client, three, account, admin):
    late_on_the_19th = dt.datetime(2026, 11, 20, 4, 59, tzinfo=dt.UTC)
    write("changed", "late", by=admin, account=account, now=late_on_the_19th)

    assert subjects(client, since="2026-11-19", until="2026-11-19") == ["late", "conference Beta"]
    assert subjects(client, since="2026-11-20") == ["conference Gamma"]
    assert subjects(client, until="2026-11-18") == ["conference Alpha"]


def test_search_in_who_and_in_what(client, three):
    assert subjects(client, q="ALPHA") == ["conference Alpha"]
    assert subjects(client, q="stefan") == ["conference Gamma"]
    assert subjects(client, q="100%") == []


def test_filters_work_together_and_are_kept_over_pages(client, account, admin, three):
    AuditEntry.objects.bulk_create(
        audit_entry("changed", f"{n}", by=Actor(user=admin), now=NOW - HOUR, account=account)
        for n in range(60)
    )
    response = client.get(URL, {"who": admin.pk, "did": "changed"})

    links = [link.attributes["href"] for link in card(response, "entries").all("a")]
    assert links == [f"?who={admin.pk}&did=changed&page=2"]
    assert len(subjects(client, who=admin.pk, did="changed", page=2)) == 11


@pytest.mark.parametrize(
    ("query", "complaint"),
    [
        ({"who": "0"}, "Choose a person from the list."),
        ({"who": "' OR 1=1"}, "Choose a person from the list."),
        ({"did": "exploded"}, "Choose one of the list."),
        ({"since": "yesterday"}, "Write a day like 11/25/2026."),
        ({"since": "0001-01-01"}, "Choose a day of this century."),
        ({"until": "9999-12-31"}, "Choose a day of this century."),
        ({"since": "2026-11-20", "until": "2026-11-19"}, "The last day lies before the first."),
        ({"q": "x" * 101}, "Search for at most 100 characters."),
        ({"q": "\0"}, "Null characters are not allowed."),
    ],
)
def test_bad_question_is_answered_beside_its_field(client, three, query, complaint):
    response = client.get(URL, query)

    assert complaints(response) == [complaint]
    assert "Nothing was looked up" in card(response, "entries").text
    assert client.get(EXPORT, query)["Location"].startswith(URL)


def test_person_of_another_account_is_no_choice(client, three, stranger):
    assert complaints(client.get(URL, {"who": stranger.pk})) == ["Choose a person from the list."]


@pytest.mark.parametrize("entries", [1, 3])
def test_a_longer_log_takes_no_more_queries(
    client, account, admin, staff, entries, django_assert_num_queries
):
    for number in range(entries):
        by = Actor(user=staff, on_behalf_of=make.user(account=account))
        record("changed", f"{number}", by=by, now=NOW, account=account)
    sign_in(client, admin)

    with django_assert_num_queries(6):
        response = client.get(URL)

    assert len(rows(card(response, "entries"))) == entries


def test_export_holds_what_the_filter_finds_in_the_reader_s_zone(client, account, admin, three):
    write(
        "changed", account, by=admin, account=account, now=dt.datetime(2026, 7, 1, tzinfo=dt.UTC),
        before={"city": "Łódź"}, after={"city": "Köln"},
    )  # fmt: skip

    assert exported(client, until="2026-07-31") == [
        ["When", "Who", "On behalf of", "Did", "To what", "Before", "After", "From address"],
        [
            "2026-06-30 20:00:00-04:00", "Ana Admin", "", "changed", f"Account {account}",
            "City: Łódź", "City: Köln", "192.0.2.7",
        ],
    ]  # fmt: skip


def test_export_is_a_utf_8_file_that_spreadsheets_know(client, account, three):
    response = client.get(EXPORT)

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith(
        f'attachment; filename="audit-log-{account.number}-20'
    )
    assert response["Cache-Control"] == "private, no-store"
    assert b"".join(response.streaming_content).startswith(b"\xef\xbb\xbfWhen,")


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_formula_in_a_cell_stays_a_text(client, account, admin, sign):
    write(
        "failed to sign in", f"{sign}cmd|' /C calc'!A0", by=None, label=f"{sign}1", account=account
    )
    sign_in(client, admin)

    row = exported(client)[-1]

    assert (row[1], row[4]) == (f"'{sign}1", f"'{sign}cmd|' /C calc'!A0")


def test_export_is_itself_in_the_log(client, three, admin):
    exported(client, did="added", q="Alpha")

    entry = AuditEntry.objects.get(verb="exported")
    assert (entry.actor, entry.account, entry.subject) == (admin, admin.account, "Audit log")
    assert entry.after == {"Search": "Alpha", "What was done": "added"}


def test_export_reads_the_log_once_and_in_pieces(client, account, admin, django_assert_num_queries):
    AuditEntry.objects.bulk_create(
        audit_entry("tried", f"{n}", by=Actor(user=admin), now=NOW, account=account)
        for n in range(2500)
    )
    sign_in(client, admin)

    with django_assert_num_queries(5):
        lines = sum(1 for _ in client.get(EXPORT).streaming_content)

    assert lines == 1 + 2500 + 1


@pytest.mark.parametrize("url", [URL, EXPORT])
@pytest.mark.parametrize("role", ["basic", "schedule", "billing"])
def test_only_admins_may_read_it(client, account, role, url):
    sign_in(client, make.user(account=account, role=role))

    assert client.get(url).status_code == 403
    assert AuditEntry.objects.count() == 0

"""Billing codes: which one counts, mending it until the bill, and the calls that have none."""

import datetime as dt
from itertools import product

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import AuditEntry
from accounts.periods import Month
from billing.models import BillLine
from billing.services.codes import CodeIsBilled, mend_codes
from billing.services.issue import issue_bill, opens_at
from billing.unbilled import unbilled_activity
from conferences.models import Session
from tests import make
from tests.pages import card, complaints, read, rows, sign_in

MARCH = Month(2026, 3, "America/New_York")
NOW = opens_at(MARCH)
NOON = dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC)
MISSING = reverse("billing:missing_code_list")


def edit_of(call):
    return reverse("billing:session_code_edit", args=[call.conference_id, call.pk])


def mend(call, code):
    by = Actor(label="somebody")
    mend_codes(call.conference.account, {call.pk: code}, by=by, now=NOW)


def code_of(call):
    return Session.objects.with_code().get(pk=call.pk).code


def field(call):
    return f"code-{call.pk}"


@pytest.fixture
def call(conference):
    return make.session(conference=conference, started_at=NOON)


@pytest.mark.django_db
def test_history_and_bill_name_the_same_code_wherever_it_comes_from(account):
    """Mended before keyed in, keyed in before the conference's, for every one that may be there."""
    for mended, keyed, own in product(["M", ""], ["K", ""], ["C", ""]):
        line = make.conference(account=account, name=mended + keyed + own, billing_code=own)
        make.session(conference=line, started_at=NOON, billing_code=mended, keyed_code=keyed)

    shown = {call.conference.name: call.code for call in Session.objects.with_code()}
    unbilled = unbilled_activity(account, now=NOW).detail.groups
    rated = {group.conference_name: group.lines[0].billing_code for group in unbilled}
    bill = issue_bill(account, MARCH, now=NOW)

    assert shown == {
        "MKC": "M",
        "MK": "M",
        "MC": "M",
        "M": "M",
        "KC": "K",
        "K": "K",
        "C": "C",
        "": "",
    }
    assert rated == shown
    assert dict(bill.lines.values_list("conference_name", "billing_code")) == shown


def test_code_is_mended_and_written_down(client, admin, call):
    sign_in(client, admin)

    response = client.post(edit_of(call), {"code": " CC-7 Ω "})

    page = reverse("conferences:call_view", args=[call.conference_id, call.pk])
    assert response.headers["Location"] == page
    assert code_of(call) == "CC-7 Ω"
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor) == ("changed the billing code of", admin)
    assert (entry.before, entry.after) == ({"billing_code": ""}, {"billing_code": "CC-7 Ω"})


def test_empty_code_lets_the_keyed_one_count_again(client, admin, conference):
    call = make.session(conference=conference, keyed_code="KEY", billing_code="CC-7")
    sign_in(client, admin)

    client.post(edit_of(call), {"code": ""})

    assert code_of(call) == "KEY"


def test_code_that_stays_as_it_was_is_no_change(call):
    mend(call, "")

    assert not AuditEntry.objects.exists()


def test_code_that_is_too_long_is_refused_and_kept(client, admin, call):
    sign_in(client, admin)

    response = client.post(edit_of(call), {"code": "x" * 51})

    assert complaints(response) == ["A billing code has at most 50 characters."]
    assert read(response).one("input", name="code").attributes["value"] == "x" * 51
    assert code_of(call) == ""


@pytest.mark.parametrize(("right", "status"), [("view", 403), ("moderate", 403), ("full", 302)])
def test_only_full_rights_mend(client, basic, conference, call, right, status):
    make.rights(basic, conference, right)
    sign_in(client, basic)

    assert client.post(edit_of(call), {"code": "CC-7"}).status_code == status


def test_bill_that_was_issued_keeps_its_code(client, admin, account, call):
    bill = issue_bill(account, MARCH, now=NOW)
    sign_in(client, admin)

    page = read(client.get(edit_of(call)))
    refused = client.post(edit_of(call), {"code": "CC-7"})

    assert f"It is on bill {bill.label}, issued on Apr 1, 2026." in page.one("main").text
    assert [link.text for link in page.all("a", href=bill.get_absolute_url())] == ["Open the bill"]
    assert complaints(refused) == [
        f"This call is on bill {bill.label} by now. A bill that was issued never changes."
    ]
    assert read(refused).one("input", name="code").attributes["value"] == "CC-7"
    assert code_of(call) == ""


def test_codes_of_several_calls_are_mended_together_or_not_at_all(account, conference, call):
    issue_bill(account, MARCH, now=NOW)
    later = make.session(conference=conference, started_at=NOW)

    with pytest.raises(CodeIsBilled):
        mend_codes(account, {later.pk: "A", call.pk: "B"}, by=Actor(label="x"), now=NOW)

    assert (code_of(later), code_of(call)) == ("", "")
    assert AuditEntry.objects.count() == 0


def test_another_accounts_call_is_never_mended(account, stranger):
    theirs = make.session(conference=make.conference(account=stranger.account))

    mend_codes(account, {theirs.pk: "A"}, by=Actor(label="x"), now=NOW)

    assert code_of(theirs) == ""


def test_calls_without_a_code_since_the_last_bill_are_listed(client, admin, account, conference):
    make.session(conference=conference, started_at=NOON)
    issue_bill(account, MARCH, now=NOW)
    make.session(conference=conference, started_at=NOW, legs=[(61, "local")] * 2)
    make.session(conference=conference, started_at=NOW, keyed_code="KEY")
    make.session(conference=conference, started_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    sign_in(client, admin)

    listed = rows(card(client.get(MISSING), "calls"))

    assert [row[:3] for row in listed] == [["Apr 1, 2026, 6:00 AM Weekly meeting", "2", "4"]]


def test_only_calls_that_one_may_mend_are_listed(client, basic, conference, call):
    make.rights(basic, conference, "moderate")
    sign_in(client, basic)

    assert card(client.get(MISSING), "calls").one("h3").text == "None is missing"
    client.post(MISSING, {field(call): "CC-7"})
    assert code_of(call) == ""


def test_several_missing_codes_are_given_at_once(client, admin, conference):
    first, second, third = (make.session(conference=conference) for _ in range(3))
    sign_in(client, admin)

    typed = {field(first): "CC-1", field(second): "", field(third): "CC-3"}
    response = client.post(MISSING, typed, follow=True)

    assert [code_of(call) for call in (first, second, third)] == ["CC-1", "", "CC-3"]
    assert AuditEntry.objects.count() == 2
    assert "2 calls have their codes now." in read(response).one("main").text
    assert [option.attributes["value"] for option in read(response).all("option")] == [
        "CC-1",
        "CC-3",
    ]


def test_one_wrong_code_keeps_all_that_was_typed(client, admin, account, conference, call):
    issue_bill(account, MARCH, now=NOW)
    given = make.session(conference=conference, started_at=NOW, billing_code="CC-9")
    missing = make.session(conference=conference, started_at=NOW)
    sign_in(client, admin)

    meanwhile = client.post(MISSING, {field(given): "CC-1", field(missing): "CC-3"})
    billed = client.post(MISSING, {field(call): "CC-1", field(missing): "CC-3"})

    assert complaints(meanwhile) == ["Meanwhile somebody gave this call the code CC-9."]
    assert complaints(billed) == [
        "This call is on bill 000001 by now. A bill that was issued never changes."
    ]
    for page in (meanwhile, billed):
        assert read(page).one("input", name=field(missing)).attributes["value"] == "CC-3"
    assert code_of(missing) == ""


@pytest.mark.parametrize("typed", [{}, {"code-": "x", "code-²": "x", "code-" + "9" * 30: "x"}])
def test_nothing_filled_in_is_said(client, admin, call, typed):
    sign_in(client, admin)

    page = read(client.post(MISSING, {"csrfmiddlewaretoken": "x", **typed})).one("main")

    assert "Fill in the code of at least one call." in page.text


@pytest.mark.parametrize("count", [1, 3])
def test_more_missing_codes_take_no_more_queries(
    client, admin, conference, count, django_assert_num_queries
):
    calls = [make.session(conference=conference) for _ in range(count)]
    sign_in(client, admin)

    with django_assert_num_queries(5):
        client.get(MISSING)
    with django_assert_num_queries(12):
        client.post(MISSING, {field(call): "CC-7" for call in calls})


def test_line_of_a_bill_leads_to_its_callers_those_who_may_view_them(
    client, admin, biller, account, call
):
    bill = issue_bill(account, MARCH, now=NOW)

    links = []
    for reader in (admin, biller):
        sign_in(client, reader)
        detail = card(client.get(bill.get_absolute_url()), "detail")
        addresses = [link.attributes["href"] for link in detail.all("a")]
        links.append([address for address in addresses if "/calls/" in address])

    assert links == [[reverse("conferences:call_view", args=[call.conference_id, call.pk])], []]
    assert BillLine.objects.get().session == call

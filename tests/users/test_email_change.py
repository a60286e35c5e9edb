"""Changing the address that one signs in with: both ends agree, or nothing happens."""

import datetime as dt
import re

import pytest
import time_machine
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, Letter
from tests import make
from tests.pages import card, read, sign_in, submit_password
from tests.users.email_changes import ASK, NEW, OLD, ask, letters
from users.models import EmailChange, User
from users.services import email_change

CANCEL = reverse("profile:email_cancel")
VIEW = reverse("profile:profile_view")
HOME = reverse("home")


def link(letter):
    return re.search(r"http\S+(/customer/profile/email/agree/\S+)", letter.body).group(1)


def links():
    sent = letters()
    return {OLD: link(sent[OLD]), NEW: link(sent[NEW])}


def heading(response):
    return read(response).one("h1").text


@pytest.mark.parametrize("order", [[OLD, NEW], [NEW, OLD]])
def test_both_ends_agree_in_any_order(client, other_client, basic, order):
    ask(client, basic)
    link_of = links()

    first = other_client.post(link_of[order[0]])
    basic.refresh_from_db()
    between = basic.email
    second = other_client.post(link_of[order[1]])

    basic.refresh_from_db()
    assert (between, basic.email) == (OLD, NEW)
    assert (heading(first), heading(second)) == ("Thank you", "Your address is changed")
    assert letters()[OLD].subject == "Your e-mail address was changed"
    assert submit_password(other_client, basic.email)["Location"] == HOME


def test_opening_a_link_changes_nothing(client, other_client, basic):
    ask(client, basic)

    headings = {address: heading(other_client.get(url)) for address, url in links().items()}

    change = EmailChange.objects.get()
    assert headings == {OLD: "Change your e-mail address?", NEW: "Is this your address?"}
    assert (change.old_agreed_at, change.new_agreed_at) == (None, None)


def test_agreeing_twice_counts_once(client, other_client, basic):
    ask(client, basic)
    link_of = links()

    answers = [heading(other_client.post(link_of[NEW])) for _ in range(2)]

    basic.refresh_from_db()
    assert answers == ["Thank you", "Thank you"]
    assert basic.email == OLD
    assert AuditEntry.objects.filter(verb__startswith="agreed, by the new").count() == 1


def test_links_of_a_made_change_no_longer_work(client, other_client, basic):
    ask(client, basic)
    link_of = links()
    for url in link_of.values():
        other_client.post(url)

    answers = {other_client.post(url).status_code for url in link_of.values()}
    answers |= {other_client.get(url).status_code for url in link_of.values()}

    assert answers == {410}


def test_after_72_hours_the_links_no_longer_work(client, other_client, basic):
    now = timezone.now()
    ask(client, basic)
    link_of = links()
    with time_machine.travel(now + dt.timedelta(hours=71)):
        other_client.post(link_of[OLD])

    with time_machine.travel(now + dt.timedelta(hours=72, minutes=1)):
        response = other_client.post(link_of[NEW])

    basic.refresh_from_db()
    assert (response.status_code, heading(response)) == (410, "This link no longer works")
    assert basic.email == OLD


def test_a_new_wish_replaces_the_old_one(client, other_client, basic):
    ask(client, basic)
    first = links()
    other_client.post(first[OLD])
    client.post(ASK, {"email": "third@elsewhere.example"})
    second = letters()

    answers = {url: other_client.post(url).status_code for url in first.values()}
    agreed = [other_client.post(link(second[to])) for to in (OLD, "third@elsewhere.example")]

    basic.refresh_from_db()
    assert set(answers.values()) == {410}
    assert heading(agreed[-1]) == "Your address is changed"
    assert basic.email == "third@elsewhere.example"


@pytest.mark.parametrize("stopper", [OLD, NEW])
def test_either_end_stops_it(client, other_client, basic, stopper):
    ask(client, basic)
    link_of = links()

    stopped = other_client.post(link_of[stopper].replace("/agree/", "/stop/"))
    answers = {other_client.post(url).status_code for url in link_of.values()}

    assert heading(stopped) == "The change is stopped"
    assert answers == {410}
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor_label, entry.verb) == (stopper, "stopped the change of the e-mail of")


def test_one_cancels_it_oneself(client, basic):
    ask(client, basic)
    link_of = links()

    response = client.post(CANCEL, follow=True)

    assert "Your address stays as it is." in read(response).text
    assert {client.post(url).status_code for url in link_of.values()} == {410}
    assert client.post(CANCEL).status_code == 302


def test_the_profile_says_how_it_stands(client, other_client, basic):
    ask(client, basic)
    link_of = links()
    sign_in_card = card(client.get(VIEW), "signing-in").text
    other_client.post(link_of[OLD])

    assert f"to change to {NEW}" in sign_in_card
    assert "Both addresses have yet to agree" in sign_in_card
    assert "Only the new address has yet to agree" in card(client.get(VIEW), "signing-in").text


@pytest.mark.parametrize("elsewhere", [True, False])
def test_an_address_taken_meanwhile_is_refused_by_the_database(
    client, other_client, basic, account, elsewhere
):
    ask(client, basic)
    link_of = links()
    other_client.post(link_of[OLD])
    if elsewhere:
        make.user(email=NEW.title())
    else:
        make.user(account=account, email=NEW, email_confirmed_at=None)

    response = other_client.post(link_of[NEW])

    basic.refresh_from_db()
    assert (response.status_code, heading(response)) == (409, "This address cannot be used")
    assert (basic.email, basic.sign_in_epoch) == (OLD, 0)
    assert not AuditEntry.objects.filter(verb="changed the e-mail of").exists()


def test_all_other_sign_ins_end_and_the_own_stays(client, clients, basic):
    ask(client, basic)
    submit_password(clients[0], basic.email)
    link_of = links()
    clients[1].post(link_of[NEW])

    client.post(link_of[OLD])

    assert client.get(HOME).status_code == 200
    assert clients[0].get(HOME).status_code == 302
    assert "Signed in with 1 browser" in read(client.get(VIEW)).text


def test_password_link_from_before_no_longer_works(client, other_client, basic):
    ask(client, basic)
    token = default_token_generator.make_token(basic)
    for url in links().values():
        other_client.post(url)

    basic.refresh_from_db()
    assert not default_token_generator.check_token(basic, token)


def test_disabled_person_s_address_does_not_change(client, other_client, basic):
    ask(client, basic)
    link_of = links()
    other_client.post(link_of[OLD])
    User.objects.filter(pk=basic.pk).update(is_active=False)

    assert other_client.post(link_of[NEW]).status_code == 410


@pytest.mark.parametrize("kind", ["garbage", "of another purpose", "cut"])
def test_forged_links_do_not_work(client, basic, kind):
    ask(client, basic)
    change = EmailChange.objects.get()
    token = {
        "garbage": "x:y",
        "of another purpose": signing.Signer(salt="else").sign_object(
            {"change": change.pk, "end": "old"}
        ),
        "cut": email_change.token_of(change, email_change.End.OLD)[:-1],
    }[kind]

    for name in ("profile:email_agree", "profile:email_stop"):
        assert client.post(reverse(name, args=[token])).status_code == 410
    change.refresh_from_db()
    assert change.old_agreed_at is None


def test_links_are_kept_nowhere(client, basic):
    ask(client, basic)
    sent = links()

    stored = str(list(Letter.objects.values()))

    assert not any(url.split("/")[-2] in stored for url in sent.values())


def test_letters_of_a_cancelled_change_are_not_sent(client, basic):
    ask(client, basic)
    client.post(CANCEL)

    assert letters() == {}
    assert set(Letter.objects.values_list("state", flat=True)) == {"refused"}


def test_everything_is_in_the_log(client, other_client, basic):
    ask(client, basic)
    for url in links().values():
        other_client.post(url)

    entries = AuditEntry.objects.exclude(verb="signed in").order_by("pk")
    assert [(one.actor_label, one.verb) for one in entries] == [
        ("Ben Basic", "asked for another e-mail of"),
        (OLD, "agreed, by the old address, to another e-mail of"),
        (NEW, "agreed, by the new address, to another e-mail of"),
        (NEW, "changed the e-mail of"),
    ]
    assert {(one.account, one.before["email"], one.after["email"]) for one in entries} == {
        (basic.account, OLD, NEW)
    }


def test_staff_change_theirs_the_same_way(client, other_client, staff):
    ask(client, staff)
    sent = letters()
    for address in (staff.email, NEW):
        other_client.post(link(sent[address]))

    staff.refresh_from_db()
    assert staff.email == NEW


def test_log_names_the_address_not_who_else_has_signed_in_there(
    client, other_client, basic, stranger
):
    ask(client, basic)
    link_of = links()
    sign_in(other_client, stranger)

    other_client.post(link_of[NEW])
    other_client.post(link_of[OLD].replace("/agree/", "/stop/"))

    entries = AuditEntry.objects.filter(account=basic.account).order_by("-pk")[:2]
    assert [(entry.actor, entry.actor_label) for entry in entries] == [(None, OLD), (None, NEW)]

"""What staff who look as a customer may change: nothing, until they say why; credentials never."""

import datetime as dt
import re

import pytest
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib.sessions.backends.cached_db import SessionStore
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accuconf.looking import look
from tests.accuconf.looks import customer_routes, keep, log, start
from tests.pages import read, sign_in

HOME = reverse("home")
ALLOW = reverse("look_allow")
TRIAL = pytest.mark.urls("tests.accuconf.looking_urls")
UNSAFE = ["post", "put", "patch", "delete"]
#: What staff reach below /customer/ while they look, whatever the method.
OPEN = {"look_allow", "look_stop", "account_logout"}


@pytest.mark.parametrize("method", UNSAFE)
def test_nothing_can_be_changed_by_looking(looking, method):
    before = log()

    answers = {
        name: getattr(looking, method)(path) for name, path in customer_routes() if name not in OPEN
    }

    refused = {
        name
        for name, answer in answers.items()
        if answer.status_code == 403 and answer.templates[0].name.startswith("looking/")
    }
    assert refused == set(answers)
    assert log() == before


@TRIAL
@pytest.mark.parametrize("method", UNSAFE)
def test_change_is_refused_with_the_reason_and_a_way_on(looking, method):
    response = getattr(looking, method)(
        "/customer/trial/change/", headers={"referer": "http://testserver/customer/bills/?page=2"}
    )

    assert response.status_code == 403
    assert read(response).one("h1").text == "Nothing was changed"
    form = read(response).one("form", action=ALLOW)
    assert form.one("input", name="next").attributes["value"] == "/customer/bills/?page=2"
    assert log(verb="changed") == []


@TRIAL
def test_allowed_changes_are_in_the_log_with_both_names(looking, clerk, admin):
    response = looking.post(
        ALLOW, {"reason": "They asked by telephone.", "next": "/customer/bills/"}
    )
    assert response["Location"] == "/customer/bills/"

    assert looking.post("/customer/trial/change/").content == b"changed"

    allowed, changed = AuditEntry.objects.order_by("pk")[1:]
    assert (allowed.actor, allowed.on_behalf_of, allowed.account) == (clerk, None, admin.account)
    assert (allowed.verb, allowed.subject, allowed.after["reason"]) == (
        "allowed changes while looking as",
        "User Ana Admin",
        "They asked by telephone.",
    )
    assert (changed.actor, changed.on_behalf_of, changed.account) == (clerk, admin, admin.account)


@TRIAL
def test_changes_are_allowed_for_fifteen_minutes(looking):
    looking.post(ALLOW, {"reason": "They asked."})
    until = dt.datetime.fromisoformat(looking.session[look.CHANGES_UNTIL])
    assert abs(until - timezone.now() - dt.timedelta(minutes=15)) < dt.timedelta(seconds=30)

    keep(looking, **{look.CHANGES_UNTIL: timezone.now().isoformat()})

    assert looking.post("/customer/trial/change/").status_code == 403
    assert "Read-only." in looking.get(HOME).content.decode()


def test_banner_says_until_when_changes_are_allowed(changing):
    banner = read(changing.get(HOME)).one("aside")

    assert banner.attributes["class"] == "looking looking-changes"
    assert re.search(r"Changes are allowed until \d+:\d\d [AP]M\.", banner.text)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_changes_need_a_reason(looking, reason):
    response = looking.post(ALLOW, {"reason": reason, "next": "/customer/bills/"})

    assert response.status_code == 200
    assert "invalid-feedback" in response.content.decode()
    assert look.CHANGES_UNTIL not in looking.session
    assert read(response).one("input", name="next").attributes["value"] == "/customer/bills/"


@pytest.mark.parametrize(
    "next_page", ["https://evil.example/", "//evil.example", "customer", "/\\e", ALLOW]
)
def test_way_on_stays_in_the_portal(looking, next_page):
    response = looking.post(ALLOW, {"reason": "They asked.", "next": next_page})

    assert response["Location"] == HOME
    assert f'value="{HOME}"' in looking.get(ALLOW, {"next": next_page}).content.decode()


def test_new_look_begins_read_only_and_ends_the_one_before(changing, basic):
    start(changing, basic)

    assert "Read-only." in changing.get(HOME).content.decode()
    assert [verb for _, verb, _ in log()[-2:]] == [
        "stopped looking at the portal as",
        "started to look at the portal as",
    ]


@pytest.mark.parametrize("url", ["account_change_password", "account_reauthenticate"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_what_proves_who_somebody_is_stays_closed_even_with_changes(changing, url, method):
    response = getattr(changing, method)(reverse(url))

    assert response.status_code == 403
    assert read(response).one("h1").text == "This is theirs alone"


def confirmed_just_now(client, person):
    """Let the session say that `person` has just typed their password again."""
    request = RequestFactory().get("/")
    request.session = SessionStore(client.cookies[settings.SESSION_COOKIE_NAME].value)
    record_authentication(request, person, method="password", reauthenticated=True)
    request.session.save()


@TRIAL
@pytest.mark.parametrize("page", ["asks", "asks-first", "asks-by-itself"])
@pytest.mark.parametrize("has_password", [True, False])
def test_staff_cannot_confirm_to_be_the_customer(changing, clerk, admin, page, has_password):
    if not has_password:  # allauth would ask such people nothing
        admin.set_unusable_password()
        admin.save()
    confirmed_just_now(changing, clerk)

    response = changing.post(f"/customer/trial/{page}/")

    assert response.status_code == 403
    assert read(response).one("h1").text == "This is theirs alone"
    assert log(verb="changed") == []


@TRIAL
def test_customer_who_has_confirmed_does_it(client, admin):
    sign_in(client, admin)
    confirmed_just_now(client, admin)

    assert client.post("/customer/trial/asks/").content == b"changed"

"""Staff look at the portal as a customer: what they see, what they may, and what the log says."""

import datetime as dt
import re

import pytest
from allauth.account.internal.flows.login import record_authentication
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.cached_db import SessionStore
from django.test import Client, RequestFactory
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accuconf.looking import look
from tests import make
from tests.pages import card, menu, read, rows, sign_in
from users.models import User

BANNER = "You are looking at the portal as"
HOME = reverse("home")
ALLOW = reverse("look_allow")
STOP = reverse("look_stop")
TRIAL = pytest.mark.urls("tests.accuconf.looking_urls")
UNSAFE = ["post", "put", "patch", "delete"]
#: What staff reach below /customer/ while they look, whatever the method.
OPEN = {"look_allow", "look_stop", "account_logout"}


def customer_routes(resolver=None, path=""):
    """List (name, a path) of every address below /customer/, its arguments filled in."""
    found = []
    for entry in (resolver or get_resolver()).url_patterns:
        here = path + str(entry.pattern).strip("^$")
        if isinstance(entry, URLResolver):
            found += customer_routes(entry, here)
        elif here.startswith("customer/"):
            filled = re.sub(r"<(call|caller)_order:\w+>", "mute", here)
            filled = filled.replace("/live/mute/", "/live/lock/")
            found.append((entry.name, "/" + re.sub(r"<[^>]*>|\(\?P<\w+>[^)]*\)", "1", filled)))
    return found


def start(client, person):
    return client.post(reverse("look_start", args=[person.pk]))


@pytest.fixture
def looking(client, clerk, admin):
    """The client of staff who look as the account's Admin."""
    sign_in(client, clerk)
    start(client, admin)
    return client


@pytest.fixture
def changing(looking):
    """The same, with changes allowed."""
    looking.post(ALLOW, {"reason": "They asked by telephone."})
    return looking


def keep(client, **values):
    """Write `values` into the session of `client`."""
    session = SessionStore(client.cookies[settings.SESSION_COOKIE_NAME].value)
    session.update(values)
    session.save()


def log(**query):
    entries = AuditEntry.objects.filter(**query).order_by("pk")
    return [(entry.actor_label, entry.verb, entry.subject) for entry in entries]


def test_staff_see_what_the_person_sees(client, clerk, basic, conference):
    make.rights(basic, conference, "view")
    sign_in(client, clerk)

    response = start(client, basic)

    assert response["Location"] == HOME
    page = client.get(HOME)
    assert read(page).one("h1").text == "Aurora Robotics"
    assert menu(page)[:2] == ["Home", "Conferences"]
    assert (
        client.get(reverse("conferences:conference_view", args=[conference.pk])).status_code == 200
    )
    assert client.get(reverse("accounts:account_view")).status_code == 403


def test_times_are_in_the_zone_of_the_person(client, clerk, basic):
    User.objects.filter(pk=basic.pk).update(time_zone="Europe/Berlin")
    sign_in(client, clerk)
    start(client, basic)

    assert "Times in Europe/Berlin" in client.get(HOME).content.decode()


def test_start_is_in_the_log_that_the_customer_s_admin_reads(looking, clerk, admin):
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.on_behalf_of, entry.account) == (clerk, None, admin.account)
    theirs = Client()
    sign_in(theirs, admin)

    page = theirs.get(reverse("accounts:log_list"))

    who, what = rows(card(page, "entries"))[0][1:3]
    assert who.startswith("Clara Clerk (operator)")
    assert what == "started to look at the portal as User Ana Admin"
    assert BANNER not in page.content.decode()


def test_back_office_stays_the_staff_s_own(looking):
    page = looking.get("/staff/")

    assert page.status_code == 200
    assert "Clara Clerk" in page.content.decode()


def test_looking_is_no_sign_in(looking, clerk, admin):
    admin.refresh_from_db()

    assert admin.last_login is None
    assert UserSession.objects.filter(user=admin).count() == 0
    assert looking.session["_auth_user_id"] == str(clerk.pk)


@pytest.mark.parametrize("role", ["admin", "basic"])
def test_customers_cannot_start(client, account, basic, role):
    sign_in(client, make.user(account=account, role=role))

    assert start(client, basic).status_code == 404
    assert client.get(reverse("look_start", args=[basic.pk])).status_code == 404
    assert log() == []


def test_staff_without_the_permission_cannot_start(client, basic):
    sign_in(client, make.user(email="new@meridian.example"))

    assert start(client, basic).status_code == 403
    assert client.get(HOME)["Location"] == "/staff/"
    assert log() == []


def test_a_link_starts_nothing(client, clerk, basic):
    sign_in(client, clerk)

    assert client.get(reverse("look_start", args=[basic.pk])).status_code == 405


def test_start_needs_the_token_against_forged_forms(clerk, basic):
    client = Client(enforce_csrf_checks=True)
    sign_in(client, clerk)

    assert start(client, basic).status_code == 403
    assert log() == []


def test_nobody_looks_as_staff(client, clerk, staff):
    sign_in(client, clerk)

    assert start(client, staff).status_code == 404


@pytest.mark.ignore_template_errors
def test_nobody_looks_as_somebody_disabled_or_removed(client, clerk, basic, scheduler):
    User.objects.filter(pk=basic.pk).update(is_active=False)
    User.objects.filter(pk=scheduler.pk).update(is_active=False, removed_at=timezone.now())
    sign_in(client, clerk)

    refused = client.post(reverse("look_start", args=[basic.pk]), follow=True)

    assert "Ben Basic is disabled and can open no page." in refused.content.decode()
    assert start(client, scheduler).status_code == 404
    assert log() == []


@pytest.mark.parametrize("who", ["staff", "removed", "nobody"])
def test_forged_person_in_the_session_is_ignored(client, clerk, staff, account, who):
    gone = make.user(account=account, is_active=False, removed_at=timezone.now())
    sign_in(client, clerk)
    keep(client, looking_as={"staff": staff.pk, "removed": gone.pk, "nobody": 0}[who])

    assert client.get(HOME)["Location"] == "/staff/"


def test_customer_s_session_never_looks(client, admin, stranger):
    sign_in(client, admin)
    keep(client, looking_as=stranger.pk)

    page = client.get(HOME)

    assert read(page).one("h1").text == "Aurora Robotics"
    assert BANNER not in page.content.decode()


def test_look_ends_at_once_with_the_permission(looking, clerk):
    clerk.groups.clear()

    assert looking.get(HOME)["Location"] == "/staff/"


def test_look_ends_at_once_when_the_person_is_disabled(looking, admin):
    User.objects.filter(pk=admin.pk).update(is_active=False)

    assert looking.get(HOME)["Location"] == "/staff/"


def test_look_ends_at_once_when_the_staff_are_disabled(looking, clerk):
    User.objects.filter(pk=clerk.pk).update(is_active=False)

    assert looking.get(HOME)["Location"].startswith(reverse("account_login"))


def test_other_windows_of_the_same_session_look_too_and_other_sessions_do_not(looking, clerk):
    tab, elsewhere = Client(), Client()
    tab.cookies = looking.cookies
    sign_in(elsewhere, clerk)

    assert BANNER in tab.get(HOME).content.decode()
    assert elsewhere.get(HOME)["Location"] == "/staff/"
    looking.post(STOP)
    assert tab.get(HOME)["Location"] == "/staff/"
    assert tab.post(STOP)["Location"] == "/staff/"


def test_banner_is_on_every_page(looking, admin):
    pages = {
        name: looking.get(path, follow=True)
        for name, path in customer_routes()
        if name not in {"account_logout", "look_stop"}
    }

    banners = {
        name: read(page).one("aside", **{"class": "looking"})
        for name, page in pages.items()
        if page.status_code != 405 and page["Content-Type"].startswith("text/html")
    }
    words = f"{BANNER} Ana Admin of Aurora Robotics. Read-only."
    assert [name for name, one in banners.items() if not one.text.startswith(words)] == []
    assert {one.one("form").attributes["action"] for one in banners.values()} == {STOP}


def test_banner_is_on_pages_that_do_not_exist(looking):
    assert BANNER in looking.get("/customer/no/such/").content.decode()


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


def test_stop_leads_back_to_the_person_and_is_in_the_log(changing, admin):
    response = changing.post(STOP)

    assert response["Location"] == reverse("admin:users_user_change", args=[admin.pk])
    assert changing.get(HOME)["Location"] == "/staff/"
    assert log()[-1] == ("Clara Clerk", "stopped looking at the portal as", "User Ana Admin")
    assert {look.PERSON, look.CHANGES_UNTIL}.isdisjoint(changing.session.keys())


def test_staff_can_sign_out_while_looking(looking):
    looking.post(reverse("account_logout"))

    assert looking.get(HOME)["Location"].startswith(reverse("account_login"))


def test_what_is_read_and_logged_bears_both_names(looking, clerk, admin):
    looking.get(reverse("accounts:log_export"))

    entry = AuditEntry.objects.get(verb="exported")
    assert (entry.actor, entry.on_behalf_of) == (clerk, admin)


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


@pytest.mark.ignore_template_errors
@pytest.mark.parametrize(("may", "active"), [(True, True), (False, True), (True, False)])
def test_button_is_where_it_can_be_used(client, clerk, basic, may, active):
    User.objects.filter(pk=basic.pk).update(is_active=active)
    if not may:
        group = clerk.groups.get()
        group.permissions.remove(group.permissions.get(codename="look_as_user"))
    sign_in(client, clerk)

    page = client.get(reverse("admin:users_user_change", args=[basic.pk])).content.decode()

    assert (reverse("look_start", args=[basic.pk]) in page) == (may and active)

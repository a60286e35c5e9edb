"""Staff look at the portal as a customer: what they see, what they may, and what the log says."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accuconf.looking import look
from tests import make
from tests.accuconf.looks import customer_routes, keep, log, start
from tests.pages import card, menu, read, rows, sign_in
from users.models import User

BANNER = "You are looking at the portal as"
HOME = reverse("home")
STOP = reverse("look_stop")


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
    for page in pages.values():
        page.close()  # of files too, which nobody reads here

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

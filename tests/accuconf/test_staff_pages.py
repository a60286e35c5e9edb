"""The back office: every page opens for staff, with few queries, and for nobody else."""

import pytest
from django.contrib import admin
from django.contrib.admin.utils import quote
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.models import Bill, BillLine
from conferences.models import Leg, Session
from tests import make
from tests.accuconf.staff_world import everything
from tests.pages import sign_in
from users.models import User

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
FROZEN = {
    "accounts.AuditEntry",
    "accounts.Letter",
    "billing.Bill",
    "billing.BillDelivery",
    "billing.BillDocument",
    "billing.BillJob",
    "billing.BillLine",
    "billing.BillRun",
    "billing.Check",
    "billing.Collection",
    "billing.CreditNote",
    "billing.Dispute",
    "billing.JournalEntry",
    "billing.LineQuestion",
    "billing.RefundRequest",
    "billing.WriteOff",
    "conferences.CallFile",
    "conferences.Leg",
    "conferences.ChannelEvent",
    "conferences.ChannelReport",
    "conferences.QuarantinedRecord",
    "conferences.Session",
}
#: How many rows stand in the lists of a world with one row of everything, where there are more.
ROWS = {
    "accounts.AuditEntry": 7,
    "accounts.Letter": 4,
    "billing.Check": 2,
    "billing.JournalEntry": 6,
    "conferences.CallFile": 2,
    "conferences.Conference": 2,
    "users.User": 2,
}
#: What somebody may type into a search field.
TERMS = ["40001", "Company", "x'; --", "0" * 50, "²", "\ufffd é", '"']

pytestmark = [pytest.mark.django_db, pytest.mark.ignore_template_errors]

of_each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
of_each_frozen_model = pytest.mark.parametrize(
    "model",
    [model for model in MODELS if model._meta.label in FROZEN],
    ids=lambda model: model._meta.label,
)


def page(model, which, *args, **query):
    return reverse(
        f"admin:{model._meta.label_lower.replace('.', '_')}_{which}",
        args=[quote(pk) for pk in args],
        query=query,
    )


def list_of(model):
    narrowed = {}
    if model is BillLine:
        narrowed = {"bill__id__exact": Bill.objects.first().pk}
    if model is Leg:
        narrowed = {"session__id__exact": Session.objects.first().pk}
    return page(model, "changelist", **narrowed)


def queries_of(client, url):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@of_each_model
def test_list_opens_for_billing_staff(client, clerk, plan, model):
    everything(plan)
    sign_in(client, clerk)

    response = client.get(list_of(model))

    assert response.status_code == 200
    assert response.context["cl"].result_count == ROWS.get(model._meta.label, 1)


@of_each_model
def test_list_asks_no_query_per_row(client, staff, plan, model):
    everything(plan)
    sign_in(client, staff)
    client.get(list_of(model))
    for_one = queries_of(client, list_of(model))
    everything(plan)
    everything(plan)

    for_three = queries_of(client, list_of(model))

    assert for_three == for_one <= 12


@of_each_model
def test_list_can_be_searched(client, staff, plan, model):
    everything(plan)
    sign_in(client, staff)

    codes = {client.get(list_of(model), {"q": term}).status_code for term in TERMS}

    assert codes == {200}


@of_each_model
def test_page_of_a_row_opens_for_billing_staff(client, clerk, plan, model):
    everything(plan)
    sign_in(client, clerk)
    row = model.objects.first()
    query = {"bill__id__exact": row.bill_id} if model is BillLine else {}

    response = client.get(page(model, "change", row.pk, **query))

    assert response.status_code == 200


@of_each_frozen_model
def test_frozen_rows_can_be_neither_added_changed_nor_deleted(client, staff, plan, model):
    everything(plan)
    sign_in(client, staff)
    row = model.objects.first()
    before = model.objects.filter(pk=row.pk).values().get()
    query = {"bill__id__exact": row.bill_id} if model is BillLine else {}

    assert client.get(page(model, "add")).status_code == 403
    assert client.post(page(model, "add"), {}).status_code == 403
    assert client.post(page(model, "change", row.pk, **query), {}).status_code == 403
    assert client.post(page(model, "delete", row.pk, **query), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).values().get() == before


@of_each_model
def test_customers_find_nothing_there(client, plan, model):
    account = everything(plan)
    row = model.objects.first()
    sign_in(client, account.users.get())

    for url in (page(model, "changelist"), page(model, "add"), page(model, "change", row.pk)):
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("path", ["/staff/", "/staff/login/", "/staff/no/such/", "/staff/jsi18n/"])
def test_customers_find_no_back_office(client, admin, path):
    sign_in(client, admin)

    assert client.get(path).status_code == 404


@of_each_model
def test_strangers_are_asked_to_sign_in(client, plan, model):
    url = page(model, "changelist")

    response = client.get(url)

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_staff_sign_in_where_all_do_and_land_in_the_back_office(client, staff):
    response = client.get("/staff/login/", follow=True)
    assert response.request["PATH_INFO"] == reverse("account_login")

    response = client.post(
        response.request["PATH_INFO"],
        {"login": staff.email, "password": make.PASSWORD},
        follow=True,
    )

    assert response.request["PATH_INFO"] == "/staff/"
    assert b"AccuConf staff" in response.content


def test_staff_without_a_group_may_nothing(client, plan):
    everything(plan)
    sign_in(client, make.user(email="new@meridian.example"))

    assert client.get("/staff/").status_code == 200
    assert {client.get(list_of(model)).status_code for model in MODELS} == {403}


def test_disabled_staff_are_out_at_once(client, staff):
    sign_in(client, staff)
    User.objects.update(is_active=False)

    assert client.get("/staff/").status_code == 302


def test_lines_are_shown_of_one_bill_only(client, staff, plan):
    everything(plan)
    sign_in(client, staff)

    response = client.get(page(BillLine, "changelist"))

    assert response.context["cl"].result_count == 0


def test_billing_staff_see_every_list_in_the_menu(client, clerk):
    sign_in(client, clerk)

    menu = client.get("/staff/").context["app_list"]

    shown = {entry["object_name"] for app in menu for entry in app["models"]}
    assert shown == {model.__name__ for model in MODELS} - {"BillLine", "Leg"}


def test_making_the_groups_again_mends_them(clerk):
    group = clerk.groups.get()
    wanted = set(group.permissions.all())
    group.permissions.clear()

    call_command("make_staff_groups", verbosity=0)

    assert set(group.permissions.all()) == wanted

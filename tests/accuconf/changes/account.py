"""How the account's own data is changed."""

from django.urls import reverse

from tests.accuconf.changes.asking import post


def export_log(here, name):
    return lambda: here.client.get(reverse(name))


def edit_account(here, name):
    shown = here.client.get(reverse(name)).context["form"]
    typed = {field.name: field.value() or "" for field in shown}
    return post(here, name, **typed | {"city": "Salem"})


CHANGES = {
    "accounts:log_export": export_log,
    "billing:account_edit": edit_account,
}

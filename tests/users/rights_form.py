"""The form of Edit User Rights, as a browser fills it in."""

from django.urls import reverse

from tests.pages import read
from users.models import User


def address(name, person):
    return reverse(f"users:{name}", args=[person.pk])


def fresh(person):
    return User.objects.get(pk=person.pk)


def form_of(response):
    """Return what the page's form would send if Update were pressed."""
    form = read(response).one("form", **{"class": "rights"})
    sent = {"ticked": []}
    for box in form.all("input"):
        given = box.attributes
        if given["name"] == "ticked" and ("checked" in given or given["type"] == "hidden"):
            sent["ticked"].append(given["value"])
        elif given["name"] == "role" and "checked" in given:
            sent["role"] = given["value"]
        elif given["type"] in {"hidden", "search"} and given["name"] != "ticked":
            sent[given["name"]] = given["value"]
    return sent

"""What a signed-in reader finds on a page, taken from its HTML."""

import time
from html.parser import HTMLParser

from django.urls import reverse

from tests import make

VOID = {"br", "hr", "img", "input", "link", "meta", "rect", "line", "use", "path"}
SIGNS_IN = "users.backends.PasswordBackend"


def sign_in(client, user):
    """Sign `user` in without the form, as the backend does that the form asks."""
    client.force_login(user, backend=SIGNS_IN)


def submit_password(client, email, password=make.PASSWORD, *, address="127.0.0.1", **typed):
    """Send the form of the sign-in page, from a network address."""
    form = {"login": email, "password": password, **typed}
    return client.post(reverse("account_login"), form, REMOTE_ADDR=address)


def is_signed_in(client):
    return client.get(reverse("home")).status_code == 200


def prove(client, user):
    """Note in the session that `user` has just been asked anew who they are, by password."""
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


class Element:
    """One element: its tag, attributes, and children (elements and texts)."""

    def __init__(self, tag, attributes):
        self.tag = tag
        self.attributes = attributes
        self.children = []

    @property
    def text(self):
        parts = [child if isinstance(child, str) else child.text for child in self.children]
        return " ".join(" ".join(parts).split())

    def all(self, tag, **attributes):
        """List the elements within that have `tag` and these attributes, in order."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                if child.tag == tag and attributes.items() <= child.attributes.items():
                    found.append(child)
                found += child.all(tag, **attributes)
        return found

    def one(self, tag, **attributes):
        (found,) = self.all(tag, **attributes)
        return found


class TreeBuilder(HTMLParser):
    """Builds the elements of a page; raises on a tag that is closed but was not opened."""

    def __init__(self):
        super().__init__()
        self.open = [Element("page", {})]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        if tag not in VOID:
            closed = self.open.pop()
            assert closed.tag == tag, f"</{tag}> closes <{closed.tag}>"

    def handle_data(self, data):
        self.open[-1].children.append(data)


def read(response):
    """Return a page's elements; it must be one whole document with exactly one h1."""
    builder = TreeBuilder()
    builder.feed(response.content.decode())
    builder.close()
    (page,) = builder.open
    assert len(page.all("h1")) == 1
    return page


def menu(response):
    """List the entries of the main menu."""
    return [entry.text for entry in read(response).one("nav", id="menu").all("li")]


def card(response, name):
    """Return the section of the page whose heading has the id `name`."""
    return read(response).one("section", **{"aria-labelledby": name})


def rows(section):
    """List the rows of the tables in `section`, without their heads, as lists of texts."""
    return [
        [cell.text for cell in row.children if isinstance(cell, Element)]
        for body in section.all("tbody") + section.all("tfoot")
        for row in body.all("tr")
    ]


def facts(section):
    """Return the terms of a section's list of facts with what they say."""
    terms = [term.text for term in section.all("dt")]
    return dict(zip(terms, [fact.text for fact in section.all("dd")], strict=True))


def complaints(response):
    """List what a form says beside its fields that is wrong."""
    beside = read(response).all("div", **{"class": "invalid-feedback"})
    return [sentence.text for field in beside for sentence in field.all("p")]


def filled(form, **changes):
    """Return what a browser sends of `form` as it is shown, with these fields typed over."""
    typed = {
        field.attributes["name"]: field.attributes.get("value", "") for field in form.all("input")
    }
    for select in form.all("select"):
        (chosen,) = [one for one in select.all("option") if "selected" in one.attributes]
        typed[select.attributes["name"]] = chosen.attributes["value"]
    return typed | changes

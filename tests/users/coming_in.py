"""Coming in through a company's provider, and what is told of it."""

from accounts.models import AuditEntry
from tests.pages import read
from tests.plugins.company import leave


def why():
    """Return what the account's log says about the one try that failed."""
    (entry,) = AuditEntry.objects.filter(verb="failed to sign in through single sign-on")
    return entry.after["why"]


def come_in(client, provider, name):
    return client.get(provider.ask(leave(client), name))


def words(response):
    return read(response).one("main").all("p")[0].text


def log(**only):
    entries = AuditEntry.objects.filter(**only).order_by("pk")
    return list(entries.values_list("actor_label", "verb", "subject", "account__name", "after"))

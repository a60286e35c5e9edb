"""Every address that changes something writes one entry into the audit log: who, what, no secret.

What the entry tells of each change is tested with the change itself. `verbs` declares each address,
`changes` knows how to make each change.
"""

import datetime as dt
import json
from types import SimpleNamespace

import pytest
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from accounts.models import AuditEntry
from conferences.models import Pin
from tests import make
from tests.accuconf.changes import account, calls, conferences, people, profile, signing_in
from tests.accuconf.changes.asking import SECRETS, TEMPORARY, post, press
from tests.accuconf.verbs import ELSEWHERE, NOTHING, READS, VERBS
from tests.pages import prove, sign_in
from users.models import User

#: How each change is made, where it takes more than a button on somebody's page.
CHANGES = {
    **account.CHANGES,
    **people.CHANGES,
    **profile.CHANGES,
    **signing_in.CHANGES,
    **conferences.CHANGES,
    **calls.CHANGES,
}


@pytest.fixture
def here(client, account, admin, basic, conference, staff, connect_bridge):
    """The Admin's browser, where they have just proved who they are, and the people around them."""
    sign_in(client, admin)
    prove(client, admin)
    invited = make.user(
        account=account,
        email_confirmed_at=None,
        password=TEMPORARY,
        password_expires_at=timezone.now() + dt.timedelta(hours=1),
    )
    return SimpleNamespace(
        client=client,
        admin=admin,
        basic=basic,
        invited=invited,
        conference=conference,
        staff=staff,
        connect_bridge=connect_bridge,
    )


def test_every_address_is_declared():
    assert set(names()) == {*VERBS, *ELSEWHERE, *NOTHING, *READS}


@pytest.mark.parametrize("name", VERBS)
def test_change_writes_one_entry_without_a_secret(here, name):
    act = CHANGES.get(name, press)(here, name)
    before = set(AuditEntry.objects.values_list("pk", flat=True))

    response = act()

    assert response.status_code in {200, 302}
    entry = AuditEntry.objects.exclude(pk__in=before).get()
    assert (entry.verb, entry.account) == (VERBS[name], here.admin.account)
    assert entry.actor or entry.actor_label
    told = json.dumps([entry.subject, entry.before, entry.after])
    hashes = User.objects.values_list("password", flat=True)
    secrets = [*SECRETS, *hashes, *(pin.digits for pin in Pin.objects.all())]
    assert [secret for secret in secrets if secret in told] == []


@pytest.mark.parametrize("name", sorted(NOTHING - {"account_signup"}))
def test_what_changes_nothing_writes_nothing(here, name):
    arguments = [here.basic.pk] if name.startswith("users:") else []
    typed = {"password": make.PASSWORD, "email": "nobody@example.com"}

    post(here, name, *arguments, **typed)()

    assert AuditEntry.objects.count() == 0


def names(resolver=None, namespace=""):
    """Yield the name of every address but the back office's, the sandbox's and the bridges'."""
    for entry in (resolver or get_resolver()).url_patterns:
        if not isinstance(entry, URLResolver):
            if entry.name:
                yield namespace + entry.name
        elif entry.namespace not in {"admin", "sandbox", "bridge"}:
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from names(entry, inner)

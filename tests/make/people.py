"""Accounts, their people, and how these sign in."""

import datetime as dt

from accounts.models import Account, Terms
from billing.models import (
    AccountPlan,
)
from tests.make.serials import serials
from users.models import ConferenceRight, SingleSignOn, User

PASSWORD = "a long enough password"


def account(*, name="Aurora Robotics", terms=Terms.CARD, plan=None, **fields):
    serial = next(serials)
    defaults = {
        "number": f"{40000 + serial}",
        "address_line1": "1 Main Street",
        "city": "Boston",
        "region": "MA",
        "postal_code": "02110",
        "country": "US",
        "phone": "+16175550123",
        "time_zone": "America/New_York",
        "activated_on": dt.date(2025, 1, 1),
    }
    made = Account.objects.create(name=name, terms=terms, **{**defaults, **fields})
    if plan is not None:
        AccountPlan.objects.create(account=made, plan=plan, starts_on=made.activated_on)
    return made


def user(*, account=None, role="basic", email=None, name="Pat Example", **fields):
    return User.objects.create_user(
        email or f"person{next(serials)}@example.com",
        fields.pop("password", PASSWORD),
        account=account,
        role=role if account else "",
        is_staff=account is None,
        name=name,
        **fields,
    )


def rights(user, conference, *names):
    ConferenceRight.objects.bulk_create(
        ConferenceRight(user=user, conference=conference, right=name) for name in names
    )


def single_sign_on(*, account, issuer, slug="aurora", secret="a client secret", **fields):
    """The account's company signs in at the provider `issuer`."""
    defaults = {"issuer": issuer, "client_id": "accuconf", "domains": ["aurora.example"]}
    made = SingleSignOn(account=account, slug=slug, **{**defaults, **fields})
    made.client_secret = secret
    made.save()
    return made

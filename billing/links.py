"""The link by which a bill can be paid without signing in: signed, and good for a while."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core import signing
from django.urls import reverse

from billing.models import Bill

SALT = "billing.pay"
GOOD_FOR = dt.timedelta(days=60)


class LinkNotGood(Exception):
    """The link was never given, or is too old."""


def pay_link(bill: Bill) -> str:
    """Return the address where whoever holds it can pay `bill`, and learns no more than its sum."""
    token = signing.dumps(str(bill.uuid), salt=SALT)
    return settings.PORTAL_URL + reverse("pay_by_link", args=[token])


def bill_of(token: str) -> Bill:
    """Return the bill that a link leads to. Raises LinkNotGood."""
    try:
        uuid = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.BadSignature as error:
        raise LinkNotGood from error
    return Bill.objects.select_related("account").get(uuid=uuid)

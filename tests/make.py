"""Builders of test rows: keyword-only with plain defaults; a test names what matters."""

import datetime as dt
import hashlib
import itertools
import uuid
from decimal import Decimal

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, transaction

from accounts.actors import Actor
from accounts.models import Account, Terms
from accounts.periods import Month
from billing.models import (
    AccountPlan,
    Bill,
    BillLine,
    LateFeeRule,
    Payer,
    Rate,
    RatePlan,
    RecurringFee,
    StoredCard,
    Tax,
)
from billing.services import checks
from billing.services.credit_notes import issue_credit_note
from billing.services.issue import issue_bill, opens_at
from billing.standing import billing_day
from conferences.models import (
    AccessType,
    Bridge,
    CallFile,
    Conference,
    DialInNumber,
    Leg,
    Pin,
    Recording,
    Session,
)
from conferences.models.pin import digest_of, sealed
from conferences.models.recording import KEPT_FOR
from conferences.recordings.storage import recordings_storage
from tests.billing.browsers import client_of_stripe, confirm_setup
from tests.billing.reference import cents_of
from tests.recordings import wav
from users.models import ConferenceRight, SingleSignOn, User

_serial = itertools.count(1)

PASSWORD = "a long enough password"


def account(*, name="Aurora Robotics", terms=Terms.CARD, plan=None, **fields):
    serial = next(_serial)
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
        email or f"person{next(_serial)}@example.com",
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


def rate_plan(*, name=None, starts_on=dt.date(2024, 1, 1), **rates):
    """A plan with one rate per access type; by default all four."""
    made = RatePlan.objects.create(name=name or f"Plan {next(_serial)}")
    rates = rates or {
        AccessType.TOLL_FREE: "0.049",
        AccessType.LOCAL: "0.029",
        AccessType.INTERNATIONAL: "0.119",
        AccessType.OUT_DIAL: "0.089",
    }
    Rate.objects.bulk_create(
        Rate(plan=made, access_type=kind, rate_per_minute=Decimal(price), starts_on=starts_on)
        for kind, price in rates.items()
    )
    return made


def fee(*, name="Service fee", amount_cents=1000, **fields):
    """A monthly fee of a `plan` or an `account`."""
    defaults = {"starts_on": dt.date(2024, 1, 1)}
    return RecurringFee.objects.create(
        name=name, amount_cents=amount_cents, **{**defaults, **fields}
    )


def tax(*, name="Sales tax", kind=Tax.Kind.TAX, percent="5", **fields):
    defaults = {"starts_on": dt.date(2024, 1, 1)}
    return Tax.objects.create(name=name, kind=kind, percent=percent, **{**defaults, **fields})


def late_fee(*, percent="1.5", starts_on=dt.date(2024, 1, 1), **fields):
    return LateFeeRule.objects.create(percent=percent, starts_on=starts_on, **fields)


def conference(*, account, name="Weekly meeting", number=None, **fields):
    return Conference.objects.create(
        account=account, name=name, number=number or f"{30000 + next(_serial)}", **fields
    )


def pin(*, conference, kind=Pin.Kind.PARTICIPANT, digits=None, **fields):
    digits = digits or f"{next(_serial):09}"
    return Pin.objects.create(
        conference=conference,
        kind=kind,
        sealed_digits=sealed(digits),
        digest=digest_of(digits),
        **fields,
    )


def dial_in_number(*, number="18005550100", access_type=AccessType.TOLL_FREE, label="Toll-free"):
    return DialInNumber.objects.create(number=number, access_type=access_type, label=label)


def bridge(*, name=None, kind=Bridge.Kind.FREESWITCH, **fields):
    return Bridge.objects.create(name=name or f"bridge{next(_serial)}", kind=kind, **fields)


def session(
    *,
    conference,
    started_at=None,
    legs=((600, AccessType.TOLL_FREE),),
    bridge="bridge1",
    **fields,
):
    """A held call; `legs` are (seconds, access type) of callers who all join at the start."""
    started_at = started_at or dt.datetime(2026, 3, 10, 15, tzinfo=dt.UTC)
    longest = max((seconds for seconds, _ in legs), default=0)
    held = Session.objects.create(
        conference=conference,
        bridge=bridge,
        external_id=f"session-{next(_serial)}",
        started_at=started_at,
        ended_at=started_at + dt.timedelta(seconds=longest),
        **fields,
    )
    add_legs(held, *legs)
    return held


def add_legs(session, *legs, **fields):
    """Let callers join `session` at its start: (seconds, access type) each."""
    defaults = {"caller_name": "Renée", "caller_number": "12125550123"}
    source = CallFile.objects.create(
        name="made.csv", sha256="0" * 64, received_at=session.ended_at, accepted=len(legs)
    )
    return Leg.objects.bulk_create(
        Leg(
            session=session,
            bridge=session.bridge,
            joined_at=session.started_at,
            left_at=session.started_at + dt.timedelta(seconds=seconds),
            seconds=seconds,
            access_type=access_type,
            call_file=source,
            position=position,
            **{**defaults, "external_id": f"leg-{next(_serial)}", **fields},
        )
        for position, (seconds, access_type) in enumerate(legs)
    )


def recording(*, conference, sound=None, session=None, **fields):
    """A recording whose file is there; a second of silence unless `sound` is given."""
    sound = wav() if sound is None else sound
    serial = next(_serial)
    received_at = fields.pop("received_at", dt.datetime(2026, 3, 10, 16, tzinfo=dt.UTC))
    defaults = {
        "bridge": "bridge1",
        "external_id": f"recording-{serial}",
        "started_at": received_at - dt.timedelta(hours=1),
        "seconds": 1,
        "content_type": "audio/wav",
        "size": len(sound),
        "sha256": hashlib.sha256(sound).hexdigest(),
        "keep_until": received_at + KEPT_FOR,
        "file": recordings_storage().save(f"made/{serial}.wav", ContentFile(sound)),
    }
    return Recording.objects.create(
        conference=conference,
        session=session,
        received_at=received_at,
        **{**defaults, **fields},
    )


def card(*, account, customer_id="cus_test", payment_method_id="pm_card_visa", **fields):
    defaults = {"brand": "visa", "last4": "4242", "expiry_month": 12, "expiry_year": 2034}
    return StoredCard.objects.create(
        account=account,
        customer_id=customer_id,
        payment_method_id=payment_method_id,
        **{**defaults, **fields},
    )


def bank_account(*, account, customer_id="cus_test", payment_method_id="pm_bank", **fields):
    defaults = {"kind": "us_bank_account", "last4": "6789", "bank_name": "STRIPE TEST BANK"}
    return StoredCard.objects.create(
        account=account,
        customer_id=customer_id,
        payment_method_id=payment_method_id,
        **{**defaults, **fields},
    )


def issued(account, month, *, dollars):
    """Bill `month` ("YYYY-MM") of `account`, in which it called for whole `dollars`."""
    month = Month.parse(month, settings.BILLING_TIME_ZONE)
    line = conference(account=account, name=f"Costs ${dollars}")
    Rate.objects.create(
        conference=line, access_type="local", rate_per_minute=dollars, starts_on=month.first_day
    )
    session(conference=line, started_at=month.start, legs=[(60, "local")])
    return issue_bill(account, month, now=opens_at(month))


def credit_note(bill, *, cents, by, reason="The line was noisy.", now=None):
    """Give `cents` of the bill's last line back."""
    return issue_credit_note(
        bill,
        amounts={bill.lines.last().pk: cents},
        reason=reason,
        form_key=uuid.uuid4(),
        by=Actor(user=by),
        now=now or bill.issued_at + dt.timedelta(days=1),
    )


def check(account, *, check_number, amount_cents, now):
    """Record a check that came at `now`, as staff do; return its journal entry."""
    recorded = checks.record_check(
        account,
        number=check_number,
        amount_cents=amount_cents,
        received_on=billing_day(now),
        by=Actor(label="tests"),
        now=now,
    )
    return recorded.entry


@transaction.atomic
def frozen_bill(*, account, lines=(), month=Month(2026, 3, "America/New_York"), **fields):  # noqa: B008
    """A bill written straight into the tables, for pictures of it; no ledger, no legs.

    `lines` are (conference, participants, minutes, rate), each a session of its own.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('billing_bill', 'id'))")
        pk = cursor.fetchone()[0]
    written = BillLine.objects.bulk_create(
        _line(pk, position, month, *line) for position, line in enumerate(lines, start=1)
    )
    charges = sum(line.cost_cents for line in written)
    issued_on = month.next().first_day
    defaults = {
        "number": next(_serial),
        "month_start": month.start,
        "month_end": month.end,
        "billing_zone": month.zone,
        "issued_at": month.end + dt.timedelta(hours=6),
        "issued_on": issued_on,
        "due_on": issued_on + dt.timedelta(days=30 if account.terms == Terms.CHECK else 0),
        "terms": account.terms,
        "currency": account.currency,
        "account_number": account.number,
        "account_name": account.name,
        "account_address": account.address_lines,
        "account_country": account.country.code,
        "card_label": "Visa •••• 4242" if account.terms == Terms.CARD else "",
        "operator_name": "Meridian Conferencing, Inc.",
        "operator_address": ["480 Harbor Street, Suite 900", "Boston, MA 02210", "USA"],
        "operator_contact": ["+1 617 555 0100", "billing@meridian.example"],
        "operator_country": "US",
        "operator_registration": "04-3210987",
        "last_bill_cents": 0,
        "paid_cents": 0,
        "overdue_cents": 0,
        "not_yet_due_cents": 0,
        "credits_cents": 0,
        "current_charges_cents": charges,
        "amount_due_cents": charges,
    }
    return Bill.objects.create(pk=pk, account=account, **{**defaults, **fields})


def _line(bill_pk, position, month, conference, participants, minutes, rate):
    rate = Decimal(rate)
    held = session(
        conference=conference, started_at=month.start + dt.timedelta(hours=position), legs=()
    )
    return BillLine(
        bill_id=bill_pk,
        position=position,
        session=held,
        conference=conference,
        conference_name=conference.name,
        conference_number=conference.number,
        billing_code=conference.billing_code,
        started_at=held.started_at,
        access_types=["toll_free"],
        participants=participants,
        minutes=minutes,
        rate_per_minute=rate,
        cost_cents=cents_of(minutes * rate),
    )


def stripe_card(account, *, token="pm_card_visa"):
    """Save a card at the stand-in and put it on the account's file."""
    stripe_client = client_of_stripe()
    customer = _customer_at_stripe(stripe_client, account)
    saved = stripe_client.payment_methods.attach(token, {"customer": customer})
    return _on_file(
        account,
        saved,
        brand=saved.card.brand,
        last4=saved.card.last4,
        expiry_month=saved.card.exp_month,
        expiry_year=saved.card.exp_year,
    )


def stripe_bank(account, *, token="pm_usBankAccount_success"):
    """Save a bank account at the stand-in, with its mandate, and put it on the account's file."""
    stripe_client = client_of_stripe()
    customer = _customer_at_stripe(stripe_client, account)
    setup = stripe_client.setup_intents.create({"customer": customer})
    confirm_setup(setup.id, token)
    setup = stripe_client.setup_intents.retrieve(setup.id, {"expand": ["payment_method"]})
    bank = setup.payment_method.us_bank_account
    return _on_file(
        account, setup.payment_method, kind="us_bank_account", bank_name=bank.bank_name,
        last4=bank.last4,
    )  # fmt: skip


def _customer_at_stripe(stripe_client, account):
    for kept in (StoredCard, Payer):
        if known := kept.objects.filter(account=account).first():
            return known.customer_id
    return stripe_client.customers.create({"name": account.name}).id


def _on_file(account, saved, **shown):
    nothing = {"kind": "card", "brand": "", "bank_name": "", "expiry_month": None}
    ids = {"customer_id": saved.customer, "payment_method_id": saved.id, "expiry_year": None}
    card, _ = StoredCard.objects.update_or_create(account=account, defaults=nothing | ids | shown)
    return card

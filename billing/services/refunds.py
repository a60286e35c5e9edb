"""Refunds: money goes back by the way that it came, once, whatever crashes or is clicked twice.

A refund is a row, and booked, before Stripe is asked. Every answer goes through `apply_refund`.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Iterator

from django.db import transaction
from django.db.models import F, Q, Sum

from accounts.actors import Actor
from accounts.services.audit import record
from accounts.services.letters import tell
from billing.gateway import Gateway, GatewayRefused, GatewayUnavailable, Refund
from billing.models import Book, JournalEntry, RefundRequest
from billing.services import ledger
from billing.services.deciding import decide, decline, needs_second_person
from users.models import User

logger = logging.getLogger(__name__)

State = RefundRequest.State
#: A refund on its way is asked after this often, should Stripe's word get lost.
ASKED_AFTER = dt.timedelta(days=1)


class NotRefundable(Exception):
    """More was asked than the account has as credit, or than is left of the payment."""


def refundable_cents(payment: JournalEntry) -> int:
    """Return how much of `payment` can be given back: what is left of it, within the credit.

    Nothing of one that bounced, or that is disputed and not won.
    """
    if _is_taken_back(payment):
        return 0
    requests = RefundRequest.objects.exclude(state__in=[State.DECLINED, State.FAILED])
    _, received = ledger.money_of(payment)
    left = received - _total(requests.filter(payment=payment))
    asked = _total(RefundRequest.objects.filter(account=payment.account_id, state=State.ASKED))
    return max(0, min(left, ledger.unapplied_cents(payment.account) - asked))


@transaction.atomic
def ask_refund(
    payment: JournalEntry,
    *,
    amount_cents: int,
    reason: str,
    form_key: uuid.UUID,
    by: Actor,
    now: dt.datetime,
    check_number: str = "",
) -> RefundRequest:
    """Ask to give part of `payment` back; within the limit it is allowed at once.

    What came by check goes back by a check of ours, of `check_number`. The same `form_key` again
    returns the request that stands. Raises NotRefundable.
    """
    account = ledger.lock(payment.account_id)
    known = RefundRequest.objects.filter(form_key=form_key).first()
    if known is not None:
        return known
    if not 0 < amount_cents <= refundable_cents(payment):
        raise NotRefundable
    came_into, _ = ledger.money_of(payment)
    request = RefundRequest.objects.create(
        account=account,
        payment=payment,
        amount_cents=amount_cents,
        currency=account.currency,
        reason=reason,
        check_number=check_number if came_into == Book.BANK else "",
        form_key=form_key,
        asked_by=by.user,
        asked_at=now,
    )
    _record("asked for", request, by=by, now=now)
    if not needs_second_person(request, now=now):
        _allow(request, now=now)
    return request


@transaction.atomic
def approve_refund(request: RefundRequest, *, by: Actor, now: dt.datetime) -> RefundRequest:
    """Allow a refund that somebody else asked for.

    Raises SamePerson, DecidedAlready, NotRefundable where the credit is gone by now.
    """
    request = _locked(request.pk)
    decide(request, by=by, now=now)
    if ledger.unapplied_cents(request.account) < request.amount_cents or _is_taken_back(
        request.payment
    ):
        raise NotRefundable
    _allow(request, now=now)
    _record("allowed", request, by=by, now=now)
    return request


@transaction.atomic
def decline_refund(request: RefundRequest, *, by: Actor, now: dt.datetime) -> RefundRequest:
    """Do not allow a refund; whoever asked may take it back so. Raises DecidedAlready."""
    request = _locked(request.pk)
    decline(request, by=by, now=now)
    _record("declined", request, by=by, now=now)
    return request


def send_due_refunds(*, gateway: Gateway, now: dt.datetime) -> Iterator[RefundRequest]:
    """Send each allowed refund to Stripe, and ask after those on their way for a day."""
    due = RefundRequest.objects.filter(
        Q(state=State.APPROVED) | Q(state=State.PENDING, asked_stripe_at__lte=now - ASKED_AFTER)
    )
    for request in due.order_by("tries", "pk"):
        try:
            yield send_refund(request, gateway=gateway, now=now)
        except (GatewayUnavailable, ledger.ReferenceTaken) as error:
            logger.warning("refund %s: %s", request.form_key, error)


def send_refund(request: RefundRequest, *, gateway: Gateway, now: dt.datetime) -> RefundRequest:
    """Have Stripe give the money back. Safe to repeat: at once, after a crash, days later.

    Raises GatewayUnavailable; sending again then asks Stripe first whether it is done.
    """
    # Counted and committed first: a later try knows that this one may have reached Stripe.
    RefundRequest.objects.filter(pk=request.pk).update(tries=F("tries") + 1, asked_stripe_at=now)
    request = RefundRequest.objects.select_related("payment").get(pk=request.pk)
    if request.state not in {State.APPROVED, State.PENDING}:
        return request
    try:
        refund = _done_already(request, gateway) or gateway.create_refund(
            request.payment.reference,
            amount_cents=request.amount_cents,
            request=str(request.form_key),
        )
    except GatewayRefused as error:
        return _refused(request.pk, str(error), now=now)
    return apply_refund(request, refund, now=now)


def note_refund(refund_id: str, *, gateway: Gateway, now: dt.datetime) -> None:
    """Write down how a refund of ours stands now; others are not ours.

    Raises GatewayUnavailable, GatewayRefused.
    """
    refund = gateway.retrieve_refund(refund_id)
    request = request_of(refund)
    if request is not None:
        apply_refund(request, refund, now=now)


def request_of(refund: Refund) -> RefundRequest | None:
    """Return our request that a refund of Stripe's answers; None where it is not ours."""
    payments = RefundRequest.objects.filter(payment__reference=refund.charge_id)
    return next(
        (one for one in payments if refund.request == str(one.form_key)),
        payments.filter(refund_id=refund.id).first(),
    )


@transaction.atomic
def apply_refund(request: RefundRequest, refund: Refund, *, now: dt.datetime) -> RefundRequest:
    """Write down what Stripe says of a refund. Idempotent, in any order; a failure stays one.

    `refund` is as fetched now, never a remembered one.
    """
    request = _locked(request.pk)
    if request.state not in RefundRequest.GOING:
        return request
    request.refund_id = refund.id
    if refund.status in {"failed", "canceled"}:
        return _fail(request, refund.failure or refund.status, now=now)
    is_news = request.state == State.APPROVED
    request.state = State.SUCCEEDED if refund.status == "succeeded" else State.PENDING
    request.save(update_fields=["refund_id", "state"])
    if is_news:
        _tell(request, "refund_sent", now=now)
    return request


def _done_already(request: RefundRequest, gateway: Gateway) -> Refund | None:
    """Return what an earlier try has made: Stripe forgets a key after a day, never the refund."""
    if request.refund_id:
        return gateway.retrieve_refund(request.refund_id)
    if request.tries <= 1:
        return None
    made = gateway.refunds_of(request.payment.reference)
    return next((refund for refund in made if refund.request == str(request.form_key)), None)


@transaction.atomic
def _refused(request_pk: int, why: str, *, now: dt.datetime) -> RefundRequest:
    request = _locked(request_pk)
    if request.state != State.APPROVED:
        return request
    return _fail(request, why, now=now)


def _allow(request: RefundRequest, *, now: dt.datetime) -> None:
    """Book the refund: from here on the credit is spent. A check of ours is written by hand."""
    book, _ = ledger.money_of(request.payment)
    cents = request.amount_cents
    request.entry = ledger.book(
        request.account,
        kind=JournalEntry.Kind.REFUND,
        reference=f"refund:{request.form_key}",
        now=now,
        sides=[(Book.RECEIVABLE, cents), (book, -cents)],
        about=request.payment,
        memo=request.reason[:200],
    )
    ledger.apply_credit(request.account, now=now)
    request.state = State.SUCCEEDED if book == Book.BANK else State.APPROVED
    request.save(update_fields=["entry", "state", "decided_by", "decided_at"])
    if book == Book.BANK:
        _tell(request, "refund_sent", now=now)


def _fail(request: RefundRequest, why: str, *, now: dt.datetime) -> RefundRequest:
    """Book that the money is still with us: it is the account's credit again."""
    book, _ = ledger.money_of(request.payment)
    cents = request.amount_cents
    request.failed_entry = ledger.book(
        request.account,
        kind=JournalEntry.Kind.REFUND_FAILED,
        reference=f"refund-failed:{request.form_key}",
        now=now,
        sides=[(book, cents), (Book.RECEIVABLE, -cents)],
        about=request.entry,
        memo=why[:200],
    )
    ledger.apply_credit(request.account, now=now)
    request.state, request.failure = State.FAILED, why[:200]
    request.save(update_fields=["refund_id", "state", "failure", "failed_entry"])
    _tell(request, "refund_failed", now=now)
    return request


def _is_taken_back(payment: JournalEntry) -> bool:
    """Tell whether the payment bounced, or is disputed: open, lost, or not yet given back."""
    is_bounced = payment.followed_by.filter(kind=JournalEntry.Kind.BOUNCED).exists()
    return is_bounced or payment.disputes.filter(reinstated_entry=None).exists()


def _total(requests) -> int:
    return requests.aggregate(total=Sum("amount_cents"))["total"] or 0


def _locked(request_pk: int) -> RefundRequest:
    """Lock the account, then the request: always in this order."""
    account_id = RefundRequest.objects.values_list("account_id", flat=True).get(pk=request_pk)
    ledger.lock(account_id)
    return (
        RefundRequest.objects.select_for_update(of=("self",), no_key=True)
        .select_related("account", "payment", "entry")
        .get(pk=request_pk)
    )


def _record(verb: str, request: RefundRequest, *, by: Actor, now: dt.datetime) -> None:
    record(
        verb,
        request,
        by=by,
        now=now,
        account=request.account,
        after={"amount": request.amount, "reason": request.reason, "state": request.state},
    )


def _tell(request: RefundRequest, kind: str, *, now: dt.datetime) -> None:
    """Tell everybody who reads the account's bills, once for each kind."""
    for reader in User.objects.entitled_to_bills().filter(account=request.account_id):
        key = f"{request.pk}:{reader.pk}"
        tell(reader, kind, key=key, now=now, facts={"request": request.pk})

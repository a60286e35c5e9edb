"""Disputes: a bank takes a payment back; it is owed again until the dispute is won."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from accounts.actors import Actor
from accounts.services.audit import record
from accounts.services.letters import queue_letter
from billing.gateway import ChargeDispute, Gateway
from billing.models import Book, Dispute, JournalEntry
from billing.services import ledger

STRIPE = Actor(label="Stripe")


def note_dispute(dispute_id: str, *, gateway: Gateway, now: dt.datetime) -> None:
    """Write down how a dispute about a charge of ours stands now; others are not ours.

    Raises GatewayUnavailable, GatewayRefused.
    """
    take_note(gateway.retrieve_dispute(dispute_id), now=now)


def take_note(told: ChargeDispute, *, now: dt.datetime) -> None:
    """Write down what Stripe says of a dispute, where it is about a charge of ours."""
    payment = JournalEntry.objects.payments().filter(reference=told.charge_id).first()
    if payment is not None:
        apply_dispute(payment, told, now=now)


@transaction.atomic
def apply_dispute(payment: JournalEntry, told: ChargeDispute, *, now: dt.datetime) -> Dispute:
    """Write down what Stripe says of a dispute about `payment`. Idempotent, in any order.

    `told` is as fetched now. What was withdrawn is owed again; what was reinstated is paid again.
    """
    account = ledger.lock(payment.account_id)
    known = Dispute.objects.filter(dispute_id=told.id).first()
    dispute, is_new = Dispute.objects.update_or_create(
        dispute_id=told.id,
        defaults={"status": told.status, "answer_by": told.answer_by, "updated_at": now},
        create_defaults={
            "account": account,
            "payment": payment,
            "amount_cents": told.amount_cents,
            "currency": told.currency,
            "reason": told.reason,
            "status": told.status,
            "answer_by": told.answer_by,
            "opened_at": told.opened_at,
            "updated_at": now,
        },
    )
    if told.withdrawn_cents and dispute.withdrawn_entry_id is None:
        _withdraw(dispute, now=now)
    if told.reinstated_cents and dispute.reinstated_entry_id is None:
        _reinstate(dispute, now=now)
    if known is None or known.status != dispute.status:
        _tell(dispute, is_new=is_new, now=now)
    return dispute


def _withdraw(dispute: Dispute, *, now: dt.datetime) -> None:
    dispute.withdrawn_entry = ledger.take_back(
        dispute.payment,
        kind=JournalEntry.Kind.DISPUTE,
        reference=dispute.dispute_id,
        amount_cents=dispute.amount_cents,
        memo=dispute.reason,
        now=now,
    )
    dispute.save(update_fields=["withdrawn_entry"])


def _reinstate(dispute: Dispute, *, now: dt.datetime) -> None:
    cents = -ledger.money_of(dispute.withdrawn_entry)[1]
    dispute.reinstated_entry = ledger.book(
        dispute.account,
        kind=JournalEntry.Kind.DISPUTE_WON,
        reference=f"{dispute.dispute_id}:won",
        sides=[(Book.CARD_CLEARING, cents), (Book.RECEIVABLE, -cents)],
        about=dispute.withdrawn_entry,
        now=now,
    )
    dispute.save(update_fields=["reinstated_entry"])
    ledger.apply_credit(dispute.account, now=now)


def _tell(dispute: Dispute, *, is_new: bool, now: dt.datetime) -> None:
    """Write it into the audit log, and to the operator: an answer is due by a day."""
    record(
        "opened" if is_new else "changed",
        dispute,
        by=STRIPE,
        now=now,
        account=dispute.account,
        after={"status": dispute.status, "reason": dispute.reason, "answer by": dispute.answer_by},
    )
    queue_letter(
        "dispute",
        to=settings.OPERATOR_EMAIL,
        key=f"{dispute.dispute_id}:{dispute.status}",
        now=now,
        account=dispute.account,
        facts={"dispute": dispute.pk},
    )

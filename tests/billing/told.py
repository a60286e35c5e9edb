"""What Stripe would tell, where a test needs no Stripe: of payments, refunds and disputes."""

from billing.gateway import ChargeDispute, Intent, Refund


def succeeded(collection):
    """Return the collection's PaymentIntent, by which a customer has paid all of it."""
    return Intent(
        id=collection.intent_id,
        status="succeeded",
        amount_cents=collection.amount_cents,
        received_cents=collection.amount_cents,
        charge_id=f"ch_{collection.pk}",
        failure_code="",
        decline_code="",
        customer_id="cus_1",
        payment_method_id="pm_1",
        client_secret="",
    )


def dispute(payment, *, cents, now, status, is_won=False):
    """Return the dispute about `cents` of the charge that is booked as `payment`."""
    return ChargeDispute(
        id=f"dp_{payment.pk}",
        charge_id=payment.reference,
        amount_cents=cents,
        currency="USD",
        status=status,
        reason="fraudulent",
        answer_by=None,
        opened_at=now,
        withdrawn_cents=cents,
        reinstated_cents=cents if is_won else 0,
    )


def refund(request, *, status, now):
    """Return Stripe's answer to our request for a refund."""
    return Refund(
        id=f"re_{request.pk}",
        charge_id=request.payment.reference,
        amount_cents=request.amount_cents,
        status=status,
        failure="expired_or_canceled_card" if status == "failed" else "",
        request=str(request.form_key),
        created_at=now,
    )

"""What banks do, and what Stripe tells of it."""

from billing.gateway import Event, gateway
from billing.services import events

#: Test cards by how they end: charged, refunded only days later, declined for now, declined for
#: good, asked about by a bank.
CARDS = [
    "pm_card_visa", "pm_card_visa", "pm_card_visa", "pm_card_pendingRefund",
    "pm_card_chargeCustomerFail", "pm_card_authenticationRequired",
]  # fmt: skip
DECIDED = {"won", "lost"}


def hear(run):
    """Every event so far comes again: late, in any order, some of them several times."""
    dice, copies, now = run.own_dice(), run.dice.randint(1, 3), run.now
    told = run.standin.objects("event") * copies
    dice.shuffle(told)
    run.note(f"{len(told)} events, unordered")

    def work():
        for event in told:
            about = event["data"]["object"].get("id", "")
            events.keep_event(Event(event["id"], event["type"], about), now=now)
        list(events.work_events(gateway=gateway(), now=now))

    return work


def dispute(run):
    """A bank takes a charge back."""
    charges = [one for one in run.standin.objects("charge") if one["status"] == "succeeded"]
    charge = one_of(run, [one for one in charges if not one["disputed"]])
    if charge:
        run.standin.dispute(charge["id"])
        run.note(f"{charge['id']} is disputed")
    return hear(run)


def decide(run):
    """A bank decides a dispute."""
    status = run.dice.choice(sorted(DECIDED))
    disputes = run.standin.objects("dispute")
    dispute = one_of(run, [one for one in disputes if one["status"] not in DECIDED])
    if dispute:
        run.standin.close_dispute(dispute["id"], status)
        run.note(f"{dispute['id']} is {status}")
    return hear(run)


def return_refund(run):
    """A bank does not take a refund, which had perhaps been said to have arrived."""
    refunds = [one for one in run.standin.objects("refund") if one["status"] != "failed"]
    refund = one_of(run, refunds)
    if refund:
        run.standin.finish_refund(refund["id"], failure="lost_or_stolen_card")
        run.note(f"{refund['id']} is returned")
    return hear(run)


def finish_refunds(run):
    """Let every refund that is on its way arrive."""
    for refund in run.standin.objects("refund"):
        if refund["status"] == "pending":
            run.standin.finish_refund(refund["id"])


def one_of(run, things):
    """Choose one of `things`, of which there may be none; the run's own dice roll once anyway."""
    dice = run.own_dice()
    return dice.choice(things) if things else None

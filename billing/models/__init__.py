"""Rates and charges, bills and their runs, the ledger, and what collects the money."""

from billing.models.asked import RefundRequest, WriteOff
from billing.models.bill import Bill, BilledLeg, BillLine, BillNumber
from billing.models.charges import (
    BillCharge,
    RecurringFee,
    Tax,
    TaxExemption,
)
from billing.models.check import Check
from billing.models.credit_note import (
    CreditNote,
    CreditNoteDocument,
    CreditNoteLine,
    CreditNoteNumber,
)
from billing.models.dispute import Dispute
from billing.models.late_fees import LateFeeRule, LateFeeWaiver
from billing.models.ledger import Allocation, Book, JournalEntry, Posting
from billing.models.mailing import BillDelivery, BillDocument
from billing.models.payment import Attempt, Collection, Payer, ReplacedCard, StoredCard
from billing.models.question import LineQuestion
from billing.models.rates import AccountPlan, Rate, RatePlan
from billing.models.run import BillJob, BillRun
from billing.models.stripe_event import Difference, StripeEvent

__all__ = [
    "AccountPlan",
    "Allocation",
    "Attempt",
    "Bill",
    "BillCharge",
    "BillDelivery",
    "BillDocument",
    "BillJob",
    "BillLine",
    "BillNumber",
    "BillRun",
    "BilledLeg",
    "Book",
    "Check",
    "Collection",
    "CreditNote",
    "CreditNoteDocument",
    "CreditNoteLine",
    "CreditNoteNumber",
    "Difference",
    "Dispute",
    "JournalEntry",
    "LateFeeRule",
    "LateFeeWaiver",
    "LineQuestion",
    "Payer",
    "Posting",
    "Rate",
    "RatePlan",
    "RecurringFee",
    "RefundRequest",
    "ReplacedCard",
    "StoredCard",
    "StripeEvent",
    "Tax",
    "TaxExemption",
    "WriteOff",
]

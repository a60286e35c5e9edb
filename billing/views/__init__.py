"""The pages about bills."""

from billing.views.account import account_edit
from billing.views.bills import bill_list, bill_pdf, bill_view
from billing.views.corrections import credit_note_pdf, line_question
from billing.views.pay import bill_pay, pay_by_link
from billing.views.unbilled import unbilled_view

__all__ = [
    "account_edit",
    "bill_list",
    "bill_pay",
    "bill_pdf",
    "bill_view",
    "credit_note_pdf",
    "line_question",
    "pay_by_link",
    "unbilled_view",
]

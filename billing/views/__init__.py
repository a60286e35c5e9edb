"""The pages about bills."""

from billing.views.account import account_edit
from billing.views.bills import bill_list, bill_pdf, bill_view
from billing.views.codes import missing_code_list, session_code_edit
from billing.views.unbilled import unbilled_view

__all__ = [
    "account_edit",
    "bill_list",
    "bill_pdf",
    "bill_view",
    "missing_code_list",
    "session_code_edit",
    "unbilled_view",
]

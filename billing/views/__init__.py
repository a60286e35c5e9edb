"""The pages about bills."""

from billing.views.account import account_edit
from billing.views.bills import bill_list, bill_pdf, bill_view
from billing.views.unbilled import unbilled_view

__all__ = ["account_edit", "bill_list", "bill_pdf", "bill_view", "unbilled_view"]

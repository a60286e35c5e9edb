"""The pages about bills."""

from billing.views.bills import bill_list, bill_pdf, bill_view
from billing.views.unbilled import unbilled_view

__all__ = ["bill_list", "bill_pdf", "bill_view", "unbilled_view"]

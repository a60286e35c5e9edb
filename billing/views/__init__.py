"""The pages about bills."""

from billing.views.account import account_edit
from billing.views.bills import bill_list, bill_pdf, bill_view
from billing.views.codes import missing_code_list, session_code_edit
from billing.views.compare import bill_compare
from billing.views.corrections import credit_note_pdf, line_question
from billing.views.files import bill_csv, bill_excel, bill_xml, unbilled_csv, unbilled_excel
from billing.views.pay import bill_pay, pay_by_link
from billing.views.payments import payment_list, receipt_pdf, receipt_view
from billing.views.statement import statement_pdf, statement_view
from billing.views.unbilled import unbilled_view

__all__ = [
    "account_edit",
    "bill_compare",
    "bill_csv",
    "bill_excel",
    "bill_list",
    "bill_pay",
    "bill_pdf",
    "bill_view",
    "bill_xml",
    "credit_note_pdf",
    "line_question",
    "missing_code_list",
    "pay_by_link",
    "payment_list",
    "receipt_pdf",
    "receipt_view",
    "session_code_edit",
    "statement_pdf",
    "statement_view",
    "unbilled_csv",
    "unbilled_excel",
    "unbilled_view",
]

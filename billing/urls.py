"""Addresses of the billing pages."""

from django.urls import path

from billing import views

app_name = "billing"

urlpatterns = [
    path("account/edit/", views.account_edit, name="account_edit"),
    path("bills/", views.bill_list, name="bill_list"),
    path("bills/compare/", views.bill_compare, name="bill_compare"),
    path("bills/payments/", views.payment_list, name="payment_list"),
    path("bills/payments/<int:pk>/", views.receipt_view, name="receipt_view"),
    path("bills/payments/<int:pk>/pdf/", views.receipt_pdf, name="receipt_pdf"),
    path("bills/statement/", views.statement_view, name="statement_view"),
    path("bills/statement/pdf/", views.statement_pdf, name="statement_pdf"),
    path("bills/unbilled/", views.unbilled_view, name="unbilled_view"),
    path("bills/unbilled/csv/", views.unbilled_csv, name="unbilled_csv"),
    path("bills/unbilled/excel/", views.unbilled_excel, name="unbilled_excel"),
    path("bills/<int:number>/", views.bill_view, name="bill_view"),
    path("bills/<int:number>/csv/", views.bill_csv, name="bill_csv"),
    path("bills/<int:number>/excel/", views.bill_excel, name="bill_excel"),
    path("bills/<int:number>/pay/", views.bill_pay, name="bill_pay"),
    path("bills/<int:number>/pdf/", views.bill_pdf, name="bill_pdf"),
    path("bills/<int:number>/xml/", views.bill_xml, name="bill_xml"),
    path("calls/without-code/", views.missing_code_list, name="missing_code_list"),
    path(
        "conferences/<int:conference_pk>/calls/<int:session_pk>/code/",
        views.session_code_edit,
        name="session_code_edit",
    ),
    path(
        "bills/<int:number>/lines/<int:position>/question/",
        views.line_question,
        name="line_question",
    ),
    path("credit-notes/<int:number>/pdf/", views.credit_note_pdf, name="credit_note_pdf"),
]

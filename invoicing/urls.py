"""Addresses of invoicing."""

from django.urls import path

from core.pages import pages
from invoicing import views
from invoicing.models import Invoice

app_name = "invoicing"
urlpatterns = [
    path("invoices/to-invoice/", views.ToInvoice.as_view(), name="to_invoice"),
    path("invoices/to-invoice/export/", views.ToInvoice.as_view(exporting=True), name="to_invoice_export"),
    path("invoices/collection/", views.Collection.as_view(), name="collection"),
    path("invoices/collection/export/", views.Collection.as_view(exporting=True), name="collection_export"),
    path("invoices/<int:pk>/pdf/", views.InvoicePdf.as_view(), name="invoice_pdf"),
    path("invoices/<int:pk>/send/", views.InvoiceSend.as_view(), name="invoice_send"),
    path("invoices/<int:pk>/credit/", views.InvoiceCredit.as_view(), name="invoice_credit"),
    path("invoices/<int:pk>/discard/", views.InvoiceDiscard.as_view(), name="invoice_discard"),
    *pages(
        Invoice,
        prefix="invoices",
        list=views.InvoiceList,
        detail=views.InvoiceDetail,
        create=views.InvoiceCreate,
        edit=views.InvoiceEdit,
        act=views.InvoiceAct,
        handovers={"contract": views.InvoiceFromContract, "project": views.InvoiceFromProject},
    ),
]

"""Invoices in the admin: looked at, and moved by their verbs."""

from django.contrib import admin

from core.admin import LifecycleAdmin, LinesInline, ViewOnlyAdmin
from invoicing.models import Invoice, InvoiceLine, Payment, Reminder


class InvoiceLines(LinesInline):
    model = InvoiceLine


@admin.register(Invoice)
class InvoiceAdmin(LifecycleAdmin):
    list_display = ("__str__", "kind", "customer_name", "title", "gross", "paid", "issued_on", "due_on", "state")
    list_filter = ("state", "kind", "issued_on")
    search_fields = ("number", "title", "customer_name")
    ordering = ("-created_at", "-pk")
    inlines = (InvoiceLines,)


@admin.register(Payment)
class PaymentAdmin(ViewOnlyAdmin):
    list_display = ("invoice", "on", "amount", "method", "reference")
    list_filter = ("method", "on")
    list_select_related = ("invoice",)
    search_fields = ("invoice__number", "reference")


@admin.register(Reminder)
class ReminderAdmin(ViewOnlyAdmin):
    list_display = ("invoice", "level", "on", "delivery")
    list_filter = ("level", "on")
    list_select_related = ("invoice", "delivery")
    search_fields = ("invoice__number",)

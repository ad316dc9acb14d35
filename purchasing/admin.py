"""Purchase orders in the admin."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import LifecycleAdmin, LinesInline, amount
from purchasing.models import PurchaseOrder, PurchaseOrderLine


class PurchaseOrderLines(LinesInline):
    model = PurchaseOrderLine
    fields: Any = ("position", "description", "quantity", "unit", "unit_price", "discount", "vat_rate", "net")


@admin.register(PurchaseOrder)
class PurchaseOrderAdmin(LifecycleAdmin):
    list_display = ("number", "supplier", "title", "project", "owner", "state", "ordered_on", "net")
    list_filter = ("state", "owner")
    list_select_related = ("supplier", "project", "owner")
    search_fields = ("number", "title", "supplier__name")
    readonly_fields = (amount(PurchaseOrder, "net"), amount(PurchaseOrder, "gross"))
    inlines = (PurchaseOrderLines,)
    autocomplete_fields = ("project",)
    fieldsets = (
        (None, {"fields": ("number", "state", "title", "supplier", "project", "owner")}),
        (_("Dates"), {"fields": ("ordered_on", "deliver_by", "received_on", "approved_by")}),
        (_("Figures"), {"fields": (amount(PurchaseOrder, "net"), amount(PurchaseOrder, "gross"), "notes")}),
    )

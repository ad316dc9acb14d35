"""Sales orders and contracts in the admin: where managers approve."""

from typing import Any

from django.contrib import admin
from django.db.models import DecimalField, F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce, Round
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import access, formats
from core.admin import LifecycleAdmin, LinesInline, amount
from orders.models import Contract, ContractLine, SalesOrder, SalesOrderLine


class Queue(admin.SimpleListFilter):
    """What waits for a manager comes first; everything else is one click away."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("approval", _("Awaiting approval")), ("all", _("All orders"))]

    def choices(self, changelist: Any) -> Any:
        for value, title in self.lookup_choices:
            selected = value == (self.value() or "approval")
            yield {
                "selected": selected,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset if self.value() == "all" else queryset.awaiting_approval()


class PricedAdmin(LifecycleAdmin):
    """A document with lines: figures and margin on top, lines below."""

    line_model: Any = None
    parent = ""
    list_select_related: tuple[str, ...] = ("owner",)
    ordering = ("-created_at", "-pk")

    def get_queryset(self, request: HttpRequest) -> Any:
        money = DecimalField(max_digits=14, decimal_places=2)
        cost = Round(F("unit_cost") * F("quantity"), precision=2, output_field=money)
        lines = self.line_model.objects.filter(**{self.parent: OuterRef("pk")}).order_by().values(self.parent)
        total = Coalesce(Subquery(lines.annotate(total=Sum(cost)).values("total")), 0, output_field=money)
        return super().get_queryset(request).annotate(cost_sum=total)

    @admin.display(description=_("margin"))
    def margin_shown(self, document: Any) -> str:
        """Margin in money and percent of net."""
        margin = document.net.amount - document.cost_sum
        share = f" ({formats.percent(margin / document.net.amount * 100, 1)})" if document.net.amount else ""
        return f"{formats.money(margin, document.currency)}{share}"

    def _without_costs(self, request: HttpRequest, names: Any) -> list[Any]:
        found = super()._without_costs(request, names)
        return found if access.can_see_costs(request.user) else [name for name in found if name != "margin_shown"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The margin is left out for those who may not see costs."""
        found = super().get_fieldsets(request, obj)
        return [(title, {**o, "fields": self._without_costs(request, o["fields"])}) for title, o in found]


class SalesOrderLines(LinesInline):
    model = SalesOrderLine


class ContractLines(LinesInline):
    model = ContractLine


@admin.register(SalesOrder)
class SalesOrderAdmin(PricedAdmin):
    """Orders awaiting approval: figures, margin, lines, and who validated them."""

    line_model, parent = SalesOrderLine, "order_id"
    list_display = ("number", "customer_name", "title", "net", "margin_shown", "owner", "validated_by", "state")
    list_select_related = ("owner", "validated_by")
    list_per_page = 20  # the queue is worked off from the top
    list_filter = (Queue, "state", "owner")
    search_fields = ("number", "title", "customer_name", "customer_reference")
    inlines = (SalesOrderLines,)
    readonly_fields = (amount(SalesOrder, "net"), "margin_shown", amount(SalesOrder, "gross"))
    autocomplete_fields = ()
    fieldsets = (
        (None, {"fields": ("number", "state", "title", "customer_name", "owner", "ordered_on", "deliver_by")}),
        (
            _("Figures"),
            {"fields": (amount(SalesOrder, "net"), "margin_shown", amount(SalesOrder, "gross"), "payment_days")},
        ),
        (_("Approval"), {"fields": ("validated_by", "approved_by", "approved_at")}),
        (_("Customer's references"), {"fields": ("customer_reference", "cig", "cup", "notes")}),
        (_("Origin"), {"fields": ("quote", "opportunity", "company", "erp_number")}),
    )


@admin.register(Contract)
class ContractAdmin(PricedAdmin):
    """Contracts: term, figures, lines."""

    line_model, parent = ContractLine, "contract_id"
    list_display = ("number", "customer_name", "title", "net", "margin_shown", "starts_on", "ends_on", "owner",
                    "state")  # fmt: skip
    list_filter = ("state", "owner", "ends_on")
    search_fields = ("number", "title", "customer_name")
    inlines = (ContractLines,)
    readonly_fields = (amount(Contract, "net"), "margin_shown", amount(Contract, "gross"))
    fieldsets = (
        (None, {"fields": ("number", "state", "title", "customer_name", "owner", "starts_on", "ends_on")}),
        (
            _("Figures"),
            {"fields": (amount(Contract, "net"), "margin_shown", amount(Contract, "gross"), "payment_days")},
        ),
        (_("Origin"), {"fields": ("order", "renews", "company", "signed_at", "closed_at", "notes")}),
    )

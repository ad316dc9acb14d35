"""Pages of purchase orders."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import access
from core.pages import ActPage, BoardPage, Column, DetailPage, FormPage, ListPage, Page, Panel
from projects.models import Project
from purchasing.filters import PurchaseOrderFilter
from purchasing.forms import PurchaseOrderForm, purchase_lines
from purchasing.models import PurchaseOrder, consumption
from purchasing.services import order_goods


class PurchaseOrderList(ListPage):
    model = PurchaseOrder
    columns = (
        Column("number", link=True),
        Column("title"),
        Column("supplier", link="supplier"),
        Column("project__number", link="project", label=_("Project")),
        Column("state"),
        Column("owner", label=_("Buyer"), hide_on_phone=True),
        Column("ordered_on", hide_on_phone=True),
        Column("deliver_by"),
        Column("net"),
    )
    filterset = PurchaseOrderFilter
    views = ((_("To approve"), "state=draft"), (_("To receive"), "state=approved"))
    bulk_verbs = ("approve", "receive")


class PurchaseOrderBoard(BoardPage):
    model = PurchaseOrder
    filterset = PurchaseOrderFilter
    card_title = "title"
    card_fields = (Column("number"), Column("supplier"), Column("project__number"), Column("deliver_by"), Column("net"))
    sum_field = "net"


class PurchaseOrderDetail(DetailPage):
    model = PurchaseOrder
    template_name = "purchasing/purchaseorder_detail.html"
    figures = ("net", "gross")
    panels = (
        Panel(
            _("Order"),
            (
                "supplier",
                "project",
                "title",
                "ordered_on",
                "deliver_by",
                "received_on",
                ("owner", _("Buyer")),
                "approved_by",
                "notes",
            ),
            icon="truck-delivery",
        ),
    )
    lines = "lines"
    line_fields = ("product", "description", "quantity", "unit", "unit_price", "discount", "vat_rate", "net")

    def context(self, record: Any) -> dict[str, Any]:
        shown = record.project is not None and record.state == PurchaseOrder.State.DRAFT
        if shown and access.can_see_costs(self.request.user):
            budget = consumption(record.project, net=record.net.amount, order=record)
        else:
            budget = None
        return super().context(record) | {"budget": budget}


class _OrderForm(FormPage):
    model = PurchaseOrder
    form_class = PurchaseOrderForm
    lines = purchase_lines
    template_name = "purchasing/purchaseorder_form.html"

    def show(self, context: dict[str, Any], *, status: int = 200, part: str = "") -> HttpResponse:
        budget = context["lines"].budget(context["form"])
        return super().show({"budget": budget, **context}, status=status, part=part)


class PurchaseOrderCreate(_OrderForm):
    service = staticmethod(order_goods)


class PurchaseOrderEdit(_OrderForm):
    """Only while it is a draft."""

    def save_form(self, form: Any, *, new: bool) -> Any:
        if "project" in form.changed_data and form.cleaned_data["project"]:
            form.instance.thread = form.cleaned_data["project"].thread
        return super().save_form(form, new=new)


class PurchaseOrderAct(ActPage):
    model = PurchaseOrder


class OrderForProject(Page):
    """From a project's page to a new order for it."""

    model = Project
    permission = "purchasing.add_purchaseorder"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        project = self.record()
        return self.go(f"{reverse('purchasing:purchaseorder_create')}?project={project.pk}")

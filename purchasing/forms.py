"""The form of a purchase order and its lines; what it leaves of the project's budget is told while typing."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from core.forms import ModelForm
from core.forms.lines import DocumentLinesFormSet, lines_formset
from projects.models import Project
from purchasing.models import PurchaseOrder, PurchaseOrderLine, consumption


class PurchaseOrderForm(ModelForm):
    class Meta:
        model = PurchaseOrder
        fields = ("supplier", "project", "title", "ordered_on", "deliver_by", "notes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, narrow in (("supplier", {"is_supplier": True}), ("project", {"state__in": Project.BOOKABLE})):
            field: Any = self.fields[name]
            field.queryset = field.queryset.filter(**narrow)

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        ordered, deliver = found.get("ordered_on"), found.get("deliver_by")
        if ordered and deliver and deliver < ordered:
            self.add_error("deliver_by", _("Goods cannot come before they are ordered."))
        return found


class PurchaseLines(DocumentLinesFormSet):
    """Lines of a purchase order: the price is what the supplier asks, at first what the catalogue says they cost."""

    def fragment(self, request: HttpRequest, form: Any = None) -> HttpResponse | None:
        if "_budget" in request.POST:
            return render(request, "purchasing/budget.html", {"budget": self.budget(form)})
        return super().fragment(request, form)

    def budget(self, form: Any) -> Any:
        """What the project has left before and after the order as typed; None without a project."""
        project = self._project(form)
        return consumption(project, net=self.totals.net, order=self.instance) if project is not None else None

    def _project(self, form: Any) -> Any:
        if not form.is_bound:
            return form.get_initial_for_field(form.fields["project"], "project") and self._of_initial(form)
        try:
            return form.fields["project"].clean(form.data.get(form.add_prefix("project")))
        except ValidationError:
            return None

    def _of_initial(self, form: Any) -> Any:
        chosen = form.get_initial_for_field(form.fields["project"], "project")
        pk = getattr(chosen, "pk", chosen)
        return form.fields["project"].queryset.filter(pk=pk).first() if str(pk).isdigit() else None

    def fill(self, chosen: Any, document_form: Any) -> dict[str, Any]:
        facts = chosen.as_line()
        return facts | {"unit_price": facts["unit_cost"]}

    def complete(self, line: Any) -> None:
        """A bought line has a price and no cost of its own."""


FIELDS = ("product", "description", "quantity", "unit", "unit_price", "discount", "vat_rate", "vat_nature")
purchase_lines = lines_formset(PurchaseOrder, PurchaseOrderLine, fields=FIELDS, base=PurchaseLines)

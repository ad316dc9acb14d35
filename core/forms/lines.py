"""The lines of a document, edited together with it: add, reorder, remove; totals come live from the server."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet, inlineformset_factory
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from core import access, money
from core.forms.base import ModelForm
from core.forms.fields import Known, PickerField
from core.forms.widgets import NumberInput

PREFIX = "lines"
MOST = 200
FIELDS = ("product", "description", "quantity", "unit", "unit_price", "discount", "vat_rate", "vat_nature", "unit_cost")


class LineForm(ModelForm):
    """One line. Costs are asked of, and shown to, only those who may see them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not (self.user and access.can_see_costs(self.user)):
            for name in getattr(self._meta.model, "COST_FIELDS", ()):
                self.fields.pop(name, None)
        for name in ("unit_price", "unit_cost"):
            if name in self.fields:
                self.fields[name].widget = NumberInput(places=2)
        for name, field in self.fields.items():
            field.widget.attrs |= {"aria-label": str(field.label or name)}
        if "description" in self.fields:
            self.fields["description"].widget = forms.Textarea({"rows": 1, "aria-label": str(_("Description"))})

    def has_changed(self) -> bool:
        """Its place alone does not make an empty row a line."""
        return bool(set(self.changed_data) - {"ORDER"})


class DocumentLinesFormSet(BaseInlineFormSet):
    """The base of quote, order, invoice and purchase lines. `lines_formset` makes one for a document."""

    #: The field whose choice fills the others, from the chosen record's `as_line()`.
    source_field = "product"
    #: Whether rows may be added.
    can_add = True
    ordering_widget = forms.HiddenInput

    def __init__(self, data: Any = None, *, instance: Any, user: Any = None, **kwargs: Any) -> None:
        self.user = user
        self.known: dict[str, Known] = {}
        super().__init__(data, instance=instance, prefix=PREFIX, form_kwargs={"user": user}, **kwargs)

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():
            if isinstance(field, PickerField):
                shared = self.known.setdefault(name, field.known)
                shared.wanted |= field.known.wanted
                field.known, field.offers_first = shared, False
        form.fields["DELETE"].widget.attrs |= {"class": "visually-hidden", "tabindex": "-1", "aria-hidden": "true"}

    # --- For the template --------------------------------------------------------------------------------------------

    @property
    def heads(self) -> list[tuple[str, str]]:
        """(label, css) of each column."""
        fields = self.empty_form.fields.items()
        shown = [f for name, f in fields if name not in ("ORDER", "DELETE") and not f.widget.is_hidden]
        return [(str(f.label), "num" if "num" in f.widget.attrs.get("class", "") else "") for f in shown]

    @property
    def shown_forms(self) -> list[Any]:
        """The rows in their order; those marked for removal stay, hidden, until saved."""
        return sorted(self.forms, key=self._place) if self.is_bound else list(self.forms)

    def _place(self, form: Any) -> tuple[int, int]:
        text = str(form["ORDER"].value() or "")
        return (int(text) if text.isascii() and text.isdigit() and len(text) < 9 else MOST * 10, self.forms.index(form))

    @property
    def totals(self) -> money.Totals:
        """Totals of the lines as typed, those that make sense."""
        if not self.is_bound:
            return self.instance.totals if self.instance.pk else money.Totals()
        return money.totals(self._typed_lines())

    @property
    def currency(self) -> str:
        return str(getattr(self.instance, "currency", "") or "EUR")

    def _typed_lines(self) -> list[Any]:
        found = []
        for form in self.forms:
            if (
                form.is_valid()
                and form.cleaned_data.get("unit_price") is not None
                and not form.cleaned_data.get("DELETE")
            ):
                line = form.instance
                line.net = line.compute_net()
                found.append(line)
        return found

    # --- Live answers ------------------------------------------------------------------------------------------------

    def fragment(self, request: HttpRequest, form: Any = None) -> HttpResponse | None:
        """The totals while typing, or a row filled from a chosen product; None when the form is being saved."""
        if "_totals" in request.POST:
            return render(request, "components/lines_totals.html", {"lines": self})
        row = request.POST.get("_row", "")
        if row.isascii() and row.isdigit() and int(row) < min(len(self.forms), MOST):
            return self._filled_row(request, int(row), form)
        return None

    def _filled_row(self, request: HttpRequest, row: int, document_form: Any) -> HttpResponse:
        chosen = self._chosen(row)
        values = self.fill(chosen, document_form) if chosen is not None else {}
        filled = type(self)(self._with(row, values), instance=self.instance, user=self.user)
        return render(request, "components/lines_row.html", {"form": filled.forms[row], "lines": filled})

    def _chosen(self, row: int) -> Any:
        form = self.forms[row]
        field = form.fields.get(self.source_field)
        try:
            return field.clean(self.data.get(form.add_prefix(self.source_field))) if field else None
        except ValidationError:
            return None

    def _with(self, row: int, values: dict[str, Any]) -> QueryDict:
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        form = self.forms[row]
        for name, value in values.items():
            if name in form.fields and name != self.source_field:
                data[form.add_prefix(name)] = _typed(form.fields[name], value)
        return data

    def fill(self, chosen: Any, document_form: Any) -> dict[str, Any]:
        """A line's values for a chosen product. Override for price lists; `document_form` knows customer and date."""
        return chosen.as_line()

    # --- Saving ------------------------------------------------------------------------------------------------------

    def clean(self) -> None:
        super().clean()
        kept = [f for f in self.forms if f.has_changed() or f.instance.pk]
        if len([f for f in kept if not f.cleaned_data.get("DELETE")]) > MOST:
            raise ValidationError(_("A document has at most %(n)d lines.") % {"n": MOST})

    def facts(self) -> list[dict[str, Any]]:
        """The lines as plain values in their order, for a service that makes the document."""
        skip = {"ORDER", "DELETE", "id", self.fk.name}
        rows = [f.cleaned_data for f in self.ordered_forms if f.has_changed() and not f.cleaned_data.get("DELETE")]
        return [{k: v for k, v in row.items() if k not in skip} for row in rows]

    def save_to(self, record: Any) -> None:
        """Write the lines of a saved record, in their order, and its totals."""
        self.instance = record
        for position, form in enumerate(self.ordered_forms, 1):
            form.instance.position = position
            setattr(form.instance, self.fk.name, record)
            if form.has_changed() or form.instance.pk:
                self.complete(form.instance)
                form.instance.save()
        for form in self.deleted_forms:
            if form.instance.pk:
                form.instance.delete()
        record.set_totals()
        record.save()

    def complete(self, line: Any) -> None:
        """What the reader may not type, before a line is saved: the cost of a newly chosen product."""
        product = getattr(line, self.source_field, None)
        if product is not None and line.pk is None and not line.unit_cost and hasattr(product, "as_line"):
            line.unit_cost = product.as_line().get("unit_cost", line.unit_cost)


def _typed(field: forms.Field, value: Any) -> str:
    """A value as the reader would type it."""
    shown = field.widget.format_value(field.prepare_value(value))
    return str(shown[0] if isinstance(shown, list) and shown else shown or "")


def lines_formset(document: Any, line: Any, *, fields: Sequence[str] = FIELDS, base: Any = DocumentLinesFormSet) -> Any:
    """A formset class for `FormPage.lines`: `lines = lines_formset(Quote, QuoteLine)`."""
    known = {f.name for f in line._meta.get_fields()}
    return inlineformset_factory(
        document,
        line,
        form=LineForm,
        formset=base,
        fields=[name for name in fields if name in known],
        extra=1,
        can_order=True,
        can_delete=True,
        max_num=MOST,
        absolute_max=MOST + 10,
    )

"""The lines of a quote as they are typed; written by the same service that everybody else uses."""

from typing import Any

from django import forms

from catalog.models import VatNature
from core.forms.lines import DocumentLinesFormSet, lines_formset
from quotes.models import Quote, QuoteLine
from quotes.services import update_lines


class QuoteLines(DocumentLinesFormSet):
    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        reasons = [("", "—"), *VatNature.choices]
        label = form.fields["vat_nature"].label
        field = forms.ChoiceField(choices=reasons, required=False, label=label)
        field.widget.attrs["aria-label"] = str(label)
        form.fields["vat_nature"] = field

    def save_to(self, record: Any) -> None:
        """All lines in their order; costs of new products come from the catalogue for those who may not see them."""
        self.instance = record
        wanted = []
        for form in self.ordered_forms:
            line = form.instance
            if form.has_changed() or line.pk:
                typed = {
                    name: form.cleaned_data.get(name) for name in form.fields if name not in ("ORDER", "DELETE", "id")
                }
                wanted.append({**typed, "id": line.pk})
        update_lines(quote=record, lines=wanted, by=self.user)


quote_lines = lines_formset(Quote, QuoteLine, base=QuoteLines)

"""Forms of sales orders and contracts."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import Form, ModelForm
from core.forms.fields import pick_url
from orders.models import Contract, SalesOrder
from parties.models import Contact


def only_of_company(form: Any) -> None:
    """Offer, and accept, contacts of the document's own company only."""
    field = form.fields["contact"]
    field.queryset = field.queryset.filter(company=form.instance.company_id)
    field.widget.url = pick_url(Contact, {"company": form.instance.company_id})


class SalesOrderForm(ModelForm):
    """What sales may still fill in while the order is a draft; what was accepted stays as it was accepted."""

    sections = (
        (_("Order"), ("title", "ordered_on", "deliver_by", "payment_days", "contact")),
        (_("Customer's references"), ("customer_reference", "cig", "cup")),
        (_("Notes"), ("notes",)),
    )

    class Meta:
        model = SalesOrder
        fields = (
            "title", "ordered_on", "deliver_by", "payment_days", "contact", "customer_reference", "cig", "cup", "notes",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        only_of_company(self)

    def clean_cig(self) -> str:
        return str(self.cleaned_data["cig"]).upper()

    def clean_cup(self) -> str:
        return str(self.cleaned_data["cup"]).upper()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        ordered_on, deliver_by = data.get("ordered_on"), data.get("deliver_by")
        if ordered_on and deliver_by and deliver_by < ordered_on:
            self.add_error("deliver_by", _("The delivery cannot come before the order."))
        return data


class _Term(forms.BaseForm):
    """A contract's first and last day."""

    def check_term(self, data: dict[str, Any]) -> dict[str, Any]:
        starts_on, ends_on = data.get("starts_on"), data.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("A contract cannot end before it starts."))
        return data


class ContractForm(_Term, ModelForm):
    sections = (
        (_("Contract"), ("title", "starts_on", "ends_on", "payment_days", "contact")),
        (_("Notes"), ("notes",)),
    )

    class Meta:
        model = Contract
        fields = ("title", "starts_on", "ends_on", "payment_days", "contact", "notes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        only_of_company(self)

    def clean(self) -> dict[str, Any]:
        return self.check_term(super().clean() or self.cleaned_data)


class TermForm(_Term, Form):
    """Asked when an order becomes a contract."""

    starts_on = forms.DateField(label=_("Starts on"), initial=timezone.localdate)
    ends_on = forms.DateField(label=_("Ends on"), required=False, help_text=_("Empty: no fixed end."))

    def clean(self) -> dict[str, Any]:
        return self.check_term(super().clean() or self.cleaned_data)


class SignForm(Form):
    """Asked when a contract is signed."""

    completes = True

    on = forms.DateField(
        label=_("In force from"), required=False, help_text=_("Empty: from the day the contract names already.")
    )

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on and self.record is not None and self.record.ends_on and on > self.record.ends_on:
            raise forms.ValidationError(_("A contract cannot end before it starts."))
        return on

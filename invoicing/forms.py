"""Forms of invoicing: drafts and their lines, and the facts that verbs ask for."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import VatNature
from core import formats
from core.forms import AmountField, DocumentLinesFormSet, Form, ModelForm, lines_formset
from invoicing.models import Invoice, InvoiceLine, Payment
from invoicing.models.shares import open_lines
from invoicing.services import billing_address, left_to_invoice
from orders.forms import only_of_company

#: An invoice dated longer ago than this is a slip of the keyboard.
OLDEST = timedelta(days=366)


# --- Drafts ---------------------------------------------------------------------------------------------------------------


class InvoiceForm(ModelForm):
    """The head of a draft made from a contract: the customer is the contract's."""

    sections = ((_("Invoice"), ("title", "contact", "payment_days", "notes")),)

    class Meta:
        model = Invoice
        fields = ("title", "contact", "payment_days", "notes")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        only_of_company(self)


class FreeInvoiceForm(ModelForm):
    """The head of an invoice that bills no contract."""

    sections = ((_("Invoice"), ("company", "contact", "title", "payment_days", "notes")),)

    class Meta:
        model = Invoice
        fields = ("company", "contact", "title", "payment_days", "notes")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        contact, company = found.get("contact"), found.get("company")
        if contact and company and contact.company_id not in (None, company.pk):
            self.add_error("contact", gettext("%(who)s belongs to another company.") % {"who": contact})
        return found


class InvoiceLinesFormSet(DocumentLinesFormSet):
    """Lines of an invoice that bills no contract."""

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            found = getattr(form, "cleaned_data", {})
            if not form.has_changed() or found.get("DELETE"):
                continue
            if not found.get("vat_rate", 1) and not found.get("vat_nature"):
                form.add_error("vat_nature", gettext("Without VAT the invoice has to say why."))
            if found.get("vat_nature") and found["vat_nature"] not in VatNature.values:
                known = ", ".join(VatNature.values)
                form.add_error("vat_nature", gettext("Known natures: %(known)s.") % {"known": known})
            if found.get("vat_rate") and found.get("vat_nature"):
                form.add_error("vat_nature", gettext("Only for lines without VAT."))
            if found.get("quantity", 1) == 0:
                form.add_error("quantity", gettext("More than zero, please."))


class ContractLinesFormSet(DocumentLinesFormSet):
    """Lines of a contract's invoice: how much of each, and its words; prices are the contract's."""

    can_add = False
    extra = 0
    source_field = ""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():
            if name not in ("description", "quantity", "ORDER", "DELETE", "id", self.fk.name):
                field.disabled = True

    def clean(self) -> None:
        super().clean()
        if any(form.instance.pk is None and form.has_changed() for form in self.forms):
            raise ValidationError(gettext("An invoice of a contract bills only the contract's lines."))
        kept = [f for f in self.forms if f.instance.contract_line_id and not f.cleaned_data.get("DELETE")]
        lines = [form.instance.contract_line for form in kept]
        own = dict(self.instance.lines.values_list("pk", "quantity"))
        for form, left in zip(kept, open_lines(lines), strict=True):
            most = left.quantity + own.get(form.instance.pk, Decimal(0))
            quantity = form.cleaned_data.get("quantity")
            if quantity is not None and not (most and 0 < quantity / most <= 1):
                facts = {"left": formats.number(most)}
                form.add_error(
                    "quantity", gettext("More than zero and at most %(left)s: the rest is invoiced.") % facts
                )

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("contract_line")


FIELDS = ("product", "description", "quantity", "unit", "unit_price", "discount", "vat_rate", "vat_nature")
FreeLines = lines_formset(Invoice, InvoiceLine, fields=FIELDS, base=InvoiceLinesFormSet)
ContractLines = lines_formset(
    Invoice, InvoiceLine, fields=tuple(name for name in FIELDS if name != "product"), base=ContractLinesFormSet
)
ContractLines.extra = 0


class DraftForm(Form):
    """How much of each line of the contract to put on the next invoice."""

    title = forms.CharField(label=_("Subject"), max_length=200)
    #: One more field per line of the contract: line_17 is how much of it.
    further_fields = r"^line_\d+$"

    def __init__(self, *args: Any, record: Any = None, **kwargs: Any) -> None:
        contract = getattr(record, "contract", None) or record
        self.left = left_to_invoice(contract)
        super().__init__(*args, record=record, **kwargs)

    def _prepare(self) -> None:
        for left in self.left:
            self.fields[f"line_{left.line.pk}"] = _quantity_field(left)
        super()._prepare()

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for left in self.left:
            name = f"line_{left.line.pk}"
            quantity = found.get(name)
            if quantity and not 0 < quantity / left.quantity <= 1:
                self.add_error(name, gettext("At most %(left)s is left.") % {"left": formats.number(left.quantity)})
        if not self.errors and not any(self.quantities(found).values()):
            raise ValidationError(gettext("Choose at least one line to invoice."))
        return found

    def quantities(self, found: dict[str, Any]) -> dict[int, Decimal]:
        """{contract line's id: quantity} of what was typed."""
        return {left.line.pk: found.get(f"line_{left.line.pk}") or Decimal(0) for left in self.left}


def _quantity_field(left: Any) -> forms.DecimalField:
    facts = {"left": formats.number(left.quantity), "unit": left.line.unit, "net": formats.money(left.net)}
    return forms.DecimalField(
        label=str(left.line),
        max_digits=12,
        decimal_places=3,
        required=False,
        initial=left.quantity.normalize() if left.quantity % 1 else int(left.quantity),
        help_text=gettext("Left: %(left)s %(unit)s, %(net)s net. Empty: not this time.") % facts,
    )


# --- Verbs ----------------------------------------------------------------------------------------------------------------


class IssueForm(Form):
    """The date of the invoice: today or before, and not before the last number of its series."""

    completes = True

    on = forms.DateField(label=_("Date of the invoice"), initial=timezone.localdate)

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise ValidationError(gettext("An invoice cannot be dated in the future."))
        if on < timezone.localdate() - OLDEST:
            raise ValidationError(gettext("This is more than a year ago."))
        last = Invoice.last_date(self.record.kind if self.record else Invoice.Kind.INVOICE, year=on.year)
        if last and last > on:
            text = gettext("The last number of this series is dated %(date)s: choose that day or a later one.")
            raise ValidationError(text % {"date": formats.date(last)})
        return on


class PaymentForm(Form):
    """Money that came in: the open amount unless another is typed."""

    amount = AmountField(label=_("Amount"))
    on = forms.DateField(label=_("Received on"), initial=timezone.localdate)
    method = forms.ChoiceField(label=_("Method"), choices=Payment.Method.choices)
    reference = forms.CharField(
        label=_("Reference"), max_length=140, required=False, help_text=_("As on the bank statement (CRO, TRN).")
    )

    def __init__(self, *args: Any, record: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        if record is not None:
            self.initial.setdefault("amount", record.open_amount.amount)
            self.fields["amount"].help_text = gettext("Open: %(open)s") % {"open": formats.money(record.open_amount)}

    def clean_amount(self) -> Decimal:
        amount: Decimal = self.cleaned_data["amount"]
        if amount <= 0:
            raise ValidationError(gettext("More than zero, please."))
        if self.record is not None and amount > self.record.open_amount.amount:
            text = gettext("Only %(open)s is open.")
            raise ValidationError(text % {"open": formats.money(self.record.open_amount)})
        return amount

    def clean_on(self) -> Any:
        on = self.cleaned_data["on"]
        if on > timezone.localdate():
            raise ValidationError(gettext("A payment cannot be dated in the future."))
        if self.record is not None and self.record.issued_on and on < self.record.issued_on - timedelta(days=365):
            raise ValidationError(gettext("This is long before the invoice was issued."))
        return on


class SendForm(Form):
    """Where the invoice goes, and a word along with it."""

    to = forms.EmailField(label=_("To"), max_length=254)
    message = forms.CharField(
        label=_("Message"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args: Any, record: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, record=record, **kwargs)
        if record is not None:
            self.initial.setdefault("to", billing_address(record))

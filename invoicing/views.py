"""Pages of invoicing. The accountant's day: what to invoice, what to collect."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Case, DecimalField, F, OuterRef, Subquery, Value, When
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.forms import ReasonForm
from core.pages import ActPage, Column, DetailPage, FormPage, HandoverPage, ListPage, Page, Panel
from invoicing import forms, printing, reports, services
from invoicing.filters import InvoiceFilter, ToInvoiceFilter
from invoicing.models import Invoice, Reminder
from orders.models import Contract
from projects.models import Project

_AMOUNT = {"output_field": DecimalField(max_digits=14, decimal_places=2)}


class InvoiceList(ListPage):
    model = Invoice
    template_name = "invoicing/invoice_list.html"
    columns = (
        Column("number", link=True),
        Column("customer_name"),
        Column("title", link=True, hide_on_phone=True),
        Column("issued_on"),
        Column("due_on"),
        Column("state"),
        Column("gross"),
        Column("open", kind="money", label=_("Open")),
    )
    filterset = InvoiceFilter
    views: Sequence[tuple[Any, str]] = (
        (pgettext_lazy("invoices", "All"), ""),
        (_("Drafts"), "state=draft"),
        (_("To collect"), "show=open"),
        (pgettext_lazy("invoices", "Overdue"), "show=overdue"),
        (pgettext_lazy("invoices", "Paid"), "state=paid"),
        (_("Credit notes"), "kind=credit_note"),
    )
    empty_text = _("Invoices are drafted from a signed contract: look at what is to be invoiced.")

    def queryset(self) -> Any:
        """The open amount is nothing where nothing is to be collected."""
        return with_open(super().queryset())

    def context(self) -> dict[str, Any]:
        found = super().context()
        return found | {"ageing": reports.ageing(self.request.user), "list_url": self.url("list")}


def with_open(rows: Any) -> Any:
    """Invoices with `open` and `open_currency`: what is still to be collected."""
    states = (Invoice.State.ISSUED, Invoice.State.PARTLY_PAID)
    to_collect = When(state__in=states, kind=Invoice.Kind.INVOICE, then=F("gross") - F("paid"))
    return rows.annotate(open=Case(to_collect, default=Value(0), **_AMOUNT), open_currency=F("currency"))


#: Asked for each row that is shown; a join would have to put all open invoices together first.
REMINDED = Subquery(Reminder.objects.filter(invoice=OuterRef("pk")).order_by("-level").values("level")[:1])


class Collection(InvoiceList):
    """What is to be collected, the oldest first, with how often the customer was reminded."""

    title = _("Collection")
    permission = "invoicing.register_payment_invoice"
    columns = (
        Column("number", link=True),
        Column("customer_name", link="company"),
        Column("due_on"),
        Column("open", kind="money", label=_("Open")),
        Column("reminded", kind="number", label=_("Reminder level"), expression=REMINDED),
        Column("disputed_on", hide_on_phone=True),
        Column("owner", kind="person", hide_on_phone=True),
        Column("state"),
    )
    views = ((pgettext_lazy("invoices", "Overdue"), "show=overdue"), (_("Disputed"), "show=disputed"))
    default_sort = "due_on"
    empty_text = _("Nothing is to be collected.")

    def queryset(self) -> Any:
        return super().queryset().unpaid()

    def url(self, page: str, *args: Any) -> str:
        own = {"list": "invoicing:collection", "export": "invoicing:collection_export", "create": ""}
        if page in own:
            return reverse(own[page]) if own[page] else ""
        return super().url(page, *args)


class ToInvoice(ListPage):
    """Signed contracts with something left to invoice."""

    model = Contract
    title = _("To be invoiced")
    permission = "invoicing.add_invoice"
    template_name = "invoicing/to_invoice.html"
    columns = (
        Column("number", link=True),
        Column("customer_name"),
        Column("title", hide_on_phone=True),
        Column("project__state", kind="state", label=_("Project")),
        Column("net"),
        Column("invoiced", kind="money", label=_("Invoiced")),
        Column("to_invoice", kind="money", label=_("To be invoiced"), url="invoicing:invoice_from_contract"),
    )
    filterset = ToInvoiceFilter
    empty_text = _("Everything that was agreed is invoiced or drafted.")

    def queryset(self) -> Any:
        rows = reports.contracts_to_invoice(self.request.user)
        return rows.annotate(invoiced_currency=F("currency"), to_invoice_currency=F("currency"))

    def url(self, page: str, *args: Any) -> str:
        own = {"list": "invoicing:to_invoice", "export": "invoicing:to_invoice_export"}
        return reverse(own[page]) if page in own else ""


class InvoiceDetail(DetailPage):
    model = Invoice
    template_name = "invoicing/invoice_detail.html"
    figures: Sequence[Any] = ("gross", ("open_amount", _("Open")), "due_on")
    lines = "lines"
    panels = (
        Panel(
            _("Invoice"),
            (
                "kind",
                "title",
                "company",
                "contact",
                "contract",
                "credits",
                "issued_on",
                "payment_days",
                "disputed_on",
                "notes",
            ),
            icon="file-invoice",
        ),
        Panel(
            _("Customer as invoiced"),
            (
                "customer_name",
                "customer_vat_number",
                "customer_tax_code",
                ("address_lines", _("Address")),
                "language",
            ),
            icon="building",
        ),
    )
    select_related = ("company", "contact", "contract", "credits", "credit_note")

    #: Shown only where there is something to show.
    if_any = ("credits", "disputed_on", "issued_on", "notes", "contract")

    def panel(self, record: Invoice, panel: Panel) -> dict[str, Any]:
        fields = tuple(name for name in panel.fields if name not in self.if_any or getattr(record, name))
        return super().panel(record, replace(panel, fields=fields))

    def context(self, record: Invoice) -> dict[str, Any]:
        if record.is_credit_note or record.state == Invoice.State.DRAFT:
            self.figures = ("gross",)
        today = timezone.localdate()
        level = Reminder.level_due(record.overdue_days(on=today))
        collected = not record.is_credit_note and record.state != Invoice.State.DRAFT
        return super().context(record) | {
            "title": record.title,
            "pdf_url": reverse("invoicing:invoice_pdf", args=[record.pk]),
            "payments": list(record.payments.all()) if collected else [],
            "reminders": list(record.reminders.select_related("delivery")) if collected else [],
            "credit_note": getattr(record, "credit_note", None),
            "shows_collection": collected,
            "overdue_days": record.overdue_days(on=today),
            "no_address": level and not services.billing_address(record),
            "has_side": True,
        }


class InvoiceCreate(FormPage):
    model = Invoice
    form_class = forms.FreeInvoiceForm
    lines = forms.FreeLines
    service = staticmethod(services.draft_free_invoice)


class InvoiceEdit(FormPage):
    """The head and the lines of a draft; what a contract bills keeps the contract's prices."""

    model = Invoice
    form_class: Any = forms.InvoiceForm
    lines = forms.ContractLines
    form_classes = (forms.InvoiceForm, forms.FreeInvoiceForm)
    line_sets = (forms.ContractLines, forms.FreeLines)

    def form(self, record: Any) -> Any:
        self.form_class = forms.InvoiceForm if record.contract_id else forms.FreeInvoiceForm
        return super().form(record)

    def line_set(self, record: Any) -> Any:
        self.lines = forms.ContractLines if record.contract_id else forms.FreeLines
        return super().line_set(record)

    def save_form(self, form: Any, *, new: bool) -> Any:
        if not form.instance.contract_id:
            form.instance.take_customer()
        return super().save_form(form, new=new)


class InvoiceAct(ActPage):
    model = Invoice


class InvoiceFromContract(HandoverPage):
    source: Any = Contract
    title = _("Draft invoice")
    makes = Invoice
    permission = "invoicing.add_invoice"
    form_class = forms.DraftForm

    def initial(self, source: Any) -> dict[str, Any]:
        return {"title": source.title}

    def contract(self, source: Any) -> Contract:
        return source

    def perform(self, source: Any, facts: dict[str, Any]) -> Invoice:
        contract = self.contract(source)
        wanted = {int(name.removeprefix("line_")): n for name, n in facts.items() if name.startswith("line_") and n}
        return services.draft_invoice(contract=contract, by=self.request.user, lines=wanted, title=facts["title"])


class InvoiceFromProject(InvoiceFromContract):
    source = Project

    def initial(self, source: Any) -> dict[str, Any]:
        return {"title": source.contract.title}

    def contract(self, source: Any) -> Contract:
        return source.contract


class InvoiceSend(HandoverPage):
    source = Invoice
    title = _("Send by e-mail")
    label = _("Send")
    permission = "invoicing.send_invoice"
    form_class = forms.SendForm

    def perform(self, source: Any, facts: dict[str, Any]) -> Invoice:
        services.send_invoice(invoice=source, by=self.request.user, **facts)
        return source

    def success_message(self, made: Any) -> str:
        return gettext("%(record)s is on its way.") % {"record": made}


class InvoiceCredit(HandoverPage):
    """Asks why, and issues the credit note."""

    source = Invoice
    makes = Invoice
    title = _("Credit the invoice")
    label = _("Issue the credit note")
    permission = "invoicing.credit_invoice"
    form_class = ReasonForm
    source_argument = "invoice"
    service = staticmethod(services.credit_invoice)


class InvoiceDiscard(HandoverPage):
    """Throws a draft away, and goes back to what it came from."""

    source = Invoice
    title = _("Discard the draft")
    permission = "invoicing.change_invoice"

    def perform(self, source: Any, facts: dict[str, Any]) -> Any:
        services.discard_draft(invoice=source, by=self.request.user)
        return source.contract or source.company

    def success_message(self, made: Any) -> str:
        return gettext("The draft was discarded.")


class InvoicePdf(Page):
    """The PDF as the customer got it; of a draft, a preview that says so."""

    model = Invoice

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        invoice = self.record()
        if invoice.state == Invoice.State.DRAFT:
            content = printing.render(invoice)
        else:
            content = printing.printed(invoice).read()
        headers = {"Content-Disposition": f'inline; filename="{printing.file_name(invoice)}"'}
        return HttpResponse(content, content_type="application/pdf", headers=headers)

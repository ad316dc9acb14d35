"""Steps of invoicing that touch more than the invoice: drafting from a contract, crediting, sending, posting revenue."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, formats, history, outbox
from core.lifecycle import Reason, Refused
from core.models import Delivery, Event
from invoicing import printing
from invoicing.models import Invoice, InvoiceLine
from invoicing.models.shares import OpenLine, open_lines
from orders.models import Contract
from parties.models import Company, Contact
from projects.models import Entry, Project

history.register("invoice.drafted", gettext_lazy("drafted the invoice"))
history.register("invoice.discarded", gettext_lazy("discarded the draft invoice"))
history.register("project.result_kept", gettext_lazy("an invoice changed after the project was closed"))


# --- From contract to invoice ---------------------------------------------------------------------------------------------


def left_to_invoice(contract: Contract) -> list[OpenLine]:
    """The lines of a contract that are not wholly on invoices (drafts included), with what is left of each."""
    lines = contract.lines.select_related("contract").order_by("position", "pk")
    return [line for line in open_lines(lines) if line.is_open]


def why_no_invoice(contract: Contract) -> list[Reason]:
    """Reasons against drafting an invoice: the contract is not signed, or nothing is left of it."""
    if contract.state == Contract.State.DRAFT:
        return [Reason(_("The contract is not signed yet."), fix_url=contract.get_absolute_url())]
    if left_to_invoice(contract):
        return []
    draft = contract.invoices.filter(state=Invoice.State.DRAFT, kind=Invoice.Kind.INVOICE).first()
    url = draft.get_absolute_url() if draft else ""
    return [Reason(_("Everything of this contract is invoiced or drafted already."), fix_url=url)]


def draft_invoice(
    *, contract: Contract, by: access.Actor, lines: Mapping[int, Decimal] | None = None, title: str = ""
) -> Invoice:
    """Draft an invoice of a contract: of everything not yet invoiced, or of `lines`, {contract line's id: quantity}.

    Raises `Refused` if more is asked for than is left; the database would say so too, also to two at once.
    """
    _demand(by, "invoicing.add_invoice")
    with transaction.atomic(), history.acting(by):
        contract = Contract.objects.select_for_update(of=("self",)).get(pk=contract.pk)
        if reasons := why_no_invoice(contract):
            raise Refused(*reasons)
        chosen = _chosen(left_to_invoice(contract), lines)
        invoice = Invoice(
            contract=contract,
            company=contract.company,
            contact=contract.contact,
            thread=contract.thread,
            owner=contract.owner,
            title=title.strip() or contract.title,
            payment_days=contract.payment_days,
            currency=contract.currency,
        )
        _keep(invoice, [_line_of(left, quantity) for left, quantity in chosen])
        history.record("invoice.drafted", invoice, by=by)
    return invoice


def _chosen(left: list[OpenLine], wanted: Mapping[int, Decimal] | None) -> list[tuple[OpenLine, Decimal]]:
    if wanted is None:
        return [(line, line.quantity) for line in left]
    known = {line.line.pk: line for line in left}
    reasons = [reason for pk, quantity in wanted.items() if (reason := _too_much(known.get(pk), quantity))]
    found = [(line, wanted[pk]) for pk, line in known.items() if wanted.get(pk)]
    if not found and not reasons:
        reasons.append(Reason(_("Choose at least one line to invoice.")))
    if reasons:
        raise Refused(*reasons)
    return found


def _too_much(line: OpenLine | None, quantity: Decimal) -> Reason | None:
    if not quantity:
        return None
    if line is None:
        return Reason(_("A line is invoiced already, or belongs to another contract."))
    if 0 < quantity / line.quantity <= 1:
        return None
    facts = {"what": str(line.line), "left": formats.number(line.quantity)}
    return Reason(_("%(what)s: at most %(left)s is left to invoice.") % facts)


def _line_of(left: OpenLine, quantity: Decimal) -> InvoiceLine:
    values = left.line.snapshot() | {"quantity": quantity, "net": left.share(quantity)}
    return InvoiceLine(contract_line=left.line, **values)


def _keep(invoice: Invoice, lines: list[InvoiceLine]) -> None:
    """Save a new draft with its lines and totals. Lines keep the net they bring, so that shares stay exact."""
    if not invoice.customer_name:
        invoice.take_customer()
    invoice.set_totals(lines)
    invoice.full_clean()
    invoice.save()
    for line in lines:
        line.invoice = invoice
        line.full_clean(exclude=["net"])
    InvoiceLine.objects.bulk_create(lines)


def draft_free_invoice(
    *,
    company: Company,
    title: str,
    lines: list[dict[str, Any]],
    by: access.Actor,
    contact: Contact | None = None,
    payment_days: int | None = None,
    notes: str = "",
) -> Invoice:
    """Draft an invoice that bills no contract; `lines` are values of document lines."""
    _demand(by, "invoicing.add_invoice")
    with transaction.atomic(), history.acting(by):
        days = company.payment_days if payment_days is None else payment_days
        invoice = Invoice(
            company=company,
            contact=contact,
            title=title.strip(),
            owner=access.user_of(by),
            payment_days=days,
            notes=notes,
        )
        made = [InvoiceLine(**{"position": position, **values}) for position, values in enumerate(lines)]
        for line in made:
            line.net = line.compute_net()
        _keep(invoice, made)
        history.record("invoice.drafted", invoice, by=by)
    return invoice


def discard_draft(*, invoice: Invoice, by: access.Actor) -> None:
    """Throw a draft away: it never had a number, and what it held is free to be invoiced again."""
    _demand(by, "invoicing.change_invoice")
    with transaction.atomic(), history.acting(by):
        invoice = Invoice.objects.select_for_update(of=("self",)).get(pk=invoice.pk)
        if invoice.state != Invoice.State.DRAFT:
            raise Refused(_("Only a draft can be discarded: credit the invoice instead."))
        history.record("invoice.discarded", invoice, by=by, data={"title": invoice.title, "gross": invoice.gross})
        invoice.delete()


# --- Credit notes ---------------------------------------------------------------------------------------------------------


def credit_invoice(*, invoice: Invoice, by: access.Actor, reason: str) -> Invoice:
    """Credit a whole invoice: issue a credit note over the same lines and amounts, numbered in its own series.

    Returns the credit note. What was paid on the invoice stays to be seen on it; what it billed can be invoiced again.
    """
    with transaction.atomic(), history.acting(by):
        invoice.credit(by=by, reason=reason)
        with translation.override(invoice.language):
            title = _("Credit note for %(number)s") % {"number": invoice.number}
        note = Invoice(
            kind=Invoice.Kind.CREDIT_NOTE,
            credits=invoice,
            contract=invoice.contract,
            company=invoice.company,
            contact=invoice.contact,
            thread=invoice.thread,
            owner=invoice.owner,
            title=title,
            notes=reason.strip(),
            payment_days=0,
            currency=invoice.currency,
            **invoice.customer_snapshot(),
        )
        lines = invoice.lines.all()
        _keep(note, [InvoiceLine(contract_line=line.contract_line, **line.snapshot()) for line in lines])
        note.issue(by=by)
    return note


# --- Out of the house -----------------------------------------------------------------------------------------------------


def billing_address(invoice: Invoice) -> str:
    """Where invoices and reminders go: the company's own address, else the contact's; "" if neither is known."""
    contact = invoice.contact
    return invoice.company.email or (contact.email if contact else "")


def send_invoice(*, invoice: Invoice, by: access.Actor, to: str = "", message: str = "") -> Delivery:
    """E-mail an issued invoice or credit note with its PDF, in the customer's language."""
    to = (to or billing_address(invoice)).strip()
    try:
        validate_email(to)
    except ValidationError as error:
        raise Refused(Reason(_("The customer has no e-mail address."), fix_url=invoice.company.edit_url)) from error
    with transaction.atomic(), history.acting(by):
        invoice.send(by=by, to=to, message=message)
        earlier = Event.objects.about(invoice).filter(name="invoice.sent").count()
        pdf = printing.printed(invoice)
        title, text = printing.mail("invoice", invoice, message=message.strip())
        return outbox.send_mail(
            key=f"invoice-{invoice.pk}-mail-{earlier}", subject=invoice, to=[to], title=title, text=text, files=[pdf]
        )


# --- Reactions ------------------------------------------------------------------------------------------------------------


def post_revenue(event: Event) -> None:
    """An issued invoice is revenue of its contract's project, a credit note takes it back. Amounts net of VAT."""
    invoice = Invoice.objects.select_related("contract").get(pk=event.subject_id)
    project = Project.objects.filter(contract=invoice.contract_id).first() if invoice.contract_id else None
    if project is None:
        return
    amount = -invoice.net.amount if invoice.is_credit_note else invoice.net.amount
    on = invoice.issued_on or timezone.localdate()
    try:
        project.book(kind=Entry.Kind.REVENUE, on=on, description=str(invoice), amount=amount, source=invoice)
    except Refused:
        # A closed project's result stays as it was closed; its timeline says what came after.
        data = {"note": f"{invoice} {formats.money(amount)}"}
        history.record("project.result_kept", project, by=access.JOB, data=data)


def print_soon(event: Event) -> None:
    """Have a worker print the issued invoice; whoever wants it earlier prints it on the spot."""
    transaction.on_commit(lambda: outbox.kick("invoicing.print", invoice_id=event.subject_id), robust=True)


def _demand(by: access.Actor, permission: str) -> None:
    if not access.may(by, permission):
        raise PermissionDenied(_("You have no right to do this."))

"""The invoice on paper and in the post, in the customer's language."""

import re
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import VatNature
from core import access, formats, history, identity, pdf
from core.models import File
from invoicing.models import Invoice


def render(invoice: Invoice) -> bytes:
    """The invoice as a PDF; a draft says across the page that it is one."""
    with translation.override(invoice.language):
        draft = invoice.state == Invoice.State.DRAFT
        context = pdf.document_context(
            invoice,
            invoice.lines.all(),
            kind=_("Credit note") if invoice.is_credit_note else _("Invoice"),
            number=invoice.number or _("Draft"),
            natures=dict(VatNature.choices),
            facts=_facts(invoice),
        )
        context |= {"stamp": _("DRAFT") if draft else "", "order": _order(invoice), "credited": invoice.credits}
        context["credited_on"] = formats.date(invoice.credits.issued_on) if invoice.credits else ""
        context["total_label"] = _("Total credited") if invoice.is_credit_note else _("Total to pay")
    return pdf.render("invoicing/pdf.html", context, language=invoice.language)


def _facts(invoice: Invoice) -> list[tuple[str, str]]:
    facts = [(_("Date"), formats.date(invoice.issued_on or timezone.localdate()))]
    if not invoice.is_credit_note:
        days = ngettext("%(n)d day", "%(n)d days", invoice.payment_days) % {"n": invoice.payment_days}
        facts.append((_("Payment"), days if invoice.payment_days else _("on receipt")))
        facts.append((_("Due on"), formats.date(invoice.due_on) if invoice.due_on else "–"))
    if invoice.contract:
        facts.append((_("Contract"), invoice.contract.number))
    return facts


def _order(invoice: Invoice) -> Any:
    """The customer's order behind the contract: its reference, CIG and CUP have to stand on the invoice."""
    return invoice.contract.order if invoice.contract else None


def file_name(invoice: Invoice) -> str:
    """As the customer saves it: "Fattura-FT-2026-0007.pdf"."""
    with translation.override(invoice.language):
        kind = _("Credit note") if invoice.is_credit_note else _("Invoice")
        number = invoice.number or _("Draft") + f"-{invoice.pk}"
    return re.sub(r"[^\w.-]+", "-", f"{kind}-{number}") + ".pdf"


def printed(invoice: Invoice) -> File:
    """The PDF of an issued invoice: printed once, then always the same bytes."""
    if invoice.pdf is not None:
        return invoice.pdf
    content = render(invoice)
    with history.acting(access.JOB), transaction.atomic():
        locked = Invoice.objects.select_for_update(of=("self",)).select_related("pdf").get(pk=invoice.pk)
        if locked.pdf is None:
            locked.pdf = File.store(name=file_name(invoice), mime="application/pdf", content=content)
            locked.save(update_fields=["pdf"])
    invoice.pdf = locked.pdf
    return locked.pdf


def mail(name: str, invoice: Invoice, **facts: Any) -> tuple[str, str]:
    """Subject and text of an e-mail about an invoice: the first line of its template is the subject."""
    with translation.override(invoice.language):
        context = {
            "invoice": invoice,
            "company": identity.own(),
            "open_amount": invoice.open_amount,
            "issued": formats.date(invoice.issued_on),
            "due": formats.date(invoice.due_on),
            **facts,
        }
        title, _newline, text = render_to_string(f"invoicing/mail/{name}.txt", context).strip().partition("\n")
    return title.strip(), re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n"

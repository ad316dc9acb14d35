"""Pages of quotes."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import access, pdf
from core.pages import ActPage, BoardPage, Column, DetailPage, FormPage, HandoverPage, ListPage, Page, Panel, Related
from opportunities.models import Opportunity
from quotes import printing
from quotes.filters import QuoteFilter
from quotes.forms import DraftForm, QuoteForm, SendForm
from quotes.lines import quote_lines
from quotes.links import public_url
from quotes.models import Quote
from quotes.reports import margins
from quotes.services import draft_quote, kept_pdf, revise_quote, send_quote


class QuoteList(ListPage):
    model = Quote
    columns = (
        Column("number", link=True),
        Column("revision", label=_("Rev."), sort=False),
        Column("title"),
        Column("customer_name", link="company"),
        Column("state"),
        Column("owner", hide_on_phone=True),
        Column("valid_until"),
        Column("net", hide_on_phone=True),
        Column("gross"),
    )
    filterset = QuoteFilter
    views = (
        (_("Drafts"), "state=draft"),
        (_("To approve"), "state=pending_approval"),
        (_("To send"), "state=approved"),
        (_("At the customer"), "state=sent"),
        (_("Expiring"), "expiring=true"),
    )
    bulk_verbs = ("submit", "approve")
    empty_text = _("A quote is made from the page of a qualified opportunity.")

    def links(self) -> dict[str, Any]:
        return super().links() | {"create_url": ""}


class QuoteBoard(BoardPage):
    model = Quote
    filterset = QuoteFilter
    card_title = "customer_name"
    card_fields = (Column("number"), Column("title"), Column("owner"), Column("valid_until"), Column("net"))
    sum_field = "net"
    states = ("draft", "pending_approval", "approved", "sent", "accepted")


EVIDENCE = Panel(
    _("Acceptance"),
    (
        "signer_name",
        "signer_email",
        "answered_at",
        "signer_ip",
        "signer_agent",
        "accepted_sha256",
    ),
    icon="writing-sign",
)
REFUSAL = Panel(_("Declined"), ("answered_at", "answer_note"), icon="circle-x")


class QuoteDetail(DetailPage):
    model = Quote
    template_name = "quotes/quote_detail.html"
    figures = ("net", "gross", ("margin", _("Margin")))
    panels = (
        Panel(
            _("Offer"),
            (
                "title",
                "opportunity",
                ("revises", _("Revises")),
                "valid_until",
                "payment_days",
                "submitted_by",
                "approved_by",
                "sent_at",
                "viewed_at",
            ),
            icon="file-text",
        ),
        Panel(
            _("Customer"),
            ("company", "contact", "customer_vat_number", "street", "postcode", "city", "language"),
            icon="building",
        ),
    )
    lines = "lines"
    related = (
        Related(
            _("Revisions"),
            "lineage",
            (Column("revision", label=_("Rev."), link=True), "state", "gross", "created_at"),
        ),
    )

    def queryset(self) -> Any:
        return super().queryset().prefetch_related("lines")

    def context(self, record: Any) -> dict[str, Any]:
        found = super().context(record)
        if record.state == Quote.State.ACCEPTED:
            found["panels"].insert(0, self.panel(record, EVIDENCE))
        elif record.state == Quote.State.DECLINED:
            found["panels"].insert(0, self.panel(record, REFUSAL))
        published = record.state in ("sent", "accepted", "declined")
        sees_costs = access.can_see_costs(self.request.user)
        return found | {
            "public_url": public_url(record) if published else "",
            "margins": margins(record) if sees_costs else None,
        }


class QuoteEdit(FormPage):
    model = Quote
    form_class = QuoteForm
    lines = quote_lines
    template_name = "quotes/quote_form.html"


class QuoteAct(ActPage):
    model = Quote


class QuoteOfOpportunity(HandoverPage):
    """Opportunity -> quote; the editor of its lines opens next."""

    source = Opportunity
    form_class = DraftForm
    makes = Quote
    service = staticmethod(draft_quote)
    source_argument = "opportunity"
    permission = "quotes.add_quote"
    title = label = _("Make a quote")

    def initial(self, source: Any) -> dict[str, Any]:
        return {"title": source.name, "payment_days": source.company.payment_days}

    def success_url(self, made: Any) -> str:
        return str(made.edit_url)


class ReviseQuote(HandoverPage):
    """Quote -> its next revision."""

    source = Quote
    makes = Quote
    service = staticmethod(revise_quote)
    source_argument = "quote"
    permission = "quotes.revise_quote"
    title = label = _("Revise")

    def success_url(self, made: Any) -> str:
        return str(made.edit_url)


class SendQuote(HandoverPage):
    """To the customer: the PDF by e-mail, with the link to its page."""

    source = Quote
    form_class = SendForm
    service = staticmethod(send_quote)
    source_argument = "quote"
    permission = "quotes.send_quote"
    title = label = _("Send to customer")

    def success_message(self, made: Any) -> str:
        return gettext("%(record)s is on its way to %(email)s.") % {"record": made, "email": made.recipient_email}


class QuotePdf(Page):
    """The PDF: as it was sent, or as it would look now."""

    model = Quote

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        quote = self.fetch(self.queryset().select_related("pdf", "company", "contact", "owner"), self.kwargs["pk"])
        published = quote.state not in (Quote.State.DRAFT, Quote.State.PENDING_APPROVAL, Quote.State.APPROVED)
        content = kept_pdf(quote).read() if published else printing.render(quote)
        name = printing.file_name(quote)
        headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"}
        return HttpResponse(content, content_type=pdf.MIME, headers=headers)

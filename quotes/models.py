"""Quotes: revisions of an offer, approved inside, accepted outside, never changed afterwards."""

import secrets
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import ProductLine
from core import triggers
from core.access import user_of
from core.fulltext import search_index, word_index
from core.history import tracked
from core.lifecycle import Refused, StateField, transition
from core.models import Document, File, Priced
from opportunities.models import Opportunity
from parties.models import Company, Contact, CustomerSnapshot
from quotes.conditions import deal_is_open, exemptions_are_named, has_lines, has_recipient, other_eyes, still_valid
from quotes.querysets import QuoteQuerySet


def new_token() -> str:
    """256 bits from the system: the only key to a quote's public page."""
    return secrets.token_urlsafe(32)


def in_thirty_days() -> date:
    return timezone.localdate() + timedelta(days=30)


#: What may still change once a quote is no draft any more...
FROZEN_FREE = (
    "state", "owner", "updated_at", "submitted_by", "approved_by", "sent_at", "pdf", "answered_at", "answer_note",
    "signer_name", "signer_email", "signer_ip", "signer_agent", "accepted_sha256", "viewed_at",
)  # fmt: skip
#: ... and once it has had its answer: the proof of an acceptance stays as it is.
ANSWERED_FREE = ("state", "owner", "updated_at")
UNANSWERED = ("draft", "pending_approval", "approved", "sent")


@tracked(exclude=["token"])
class Quote(CustomerSnapshot, Priced, Document):
    """One revision of an offer. Revisions of an offer share its number; only one of them can ever be accepted."""

    ICON = "file-text"
    INTERNAL_FIELDS = ("signer_agent", "accepted_sha256")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PENDING_APPROVAL = "pending_approval", _("Pending approval")
        APPROVED = "approved", _("Approved")
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Expired")
        SUPERSEDED = "superseded", _("Superseded")

    number = models.CharField(_("number"), max_length=20, editable=False)
    revision = models.PositiveSmallIntegerField(_("revision"), default=1, editable=False)
    revises = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="revised_by",
        verbose_name=_("revises"),
    )
    state = StateField(choices=State.choices, default=State.DRAFT)
    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.PROTECT, related_name="quotes", verbose_name=_("opportunity")
    )
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="quotes", verbose_name=_("company"))
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, null=True, blank=True, related_name="quotes", verbose_name=_("contact")
    )
    title = models.CharField(_("title"), max_length=200)
    valid_until = models.DateField(_("valid until"), default=in_thirty_days)
    payment_days = models.PositiveSmallIntegerField(_("payment terms in days"), default=30)
    introduction = models.TextField(_("introduction"), blank=True, max_length=5000)
    notes = models.TextField(_("terms and notes"), blank=True, max_length=5000)
    submitted_by = models.ForeignKey(
        "people.User",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("submitted by"),
    )
    approved_by = models.ForeignKey(
        "people.User",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("approved by"),
    )
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    pdf = models.ForeignKey(
        File, on_delete=models.PROTECT, null=True, editable=False, related_name="+", verbose_name="PDF"
    )
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    viewed_at = models.DateTimeField(_("first opened"), null=True, editable=False)
    answered_at = models.DateTimeField(_("answered"), null=True, editable=False)
    answer_note = models.TextField(_("customer's note"), blank=True, editable=False)
    signer_name = models.CharField(_("accepted by"), max_length=200, blank=True, editable=False)
    signer_email = models.EmailField(_("signer's e-mail"), blank=True, editable=False)
    signer_ip = models.GenericIPAddressField(_("IP address"), null=True, editable=False)
    signer_agent = models.CharField(_("browser"), max_length=300, blank=True, editable=False)
    accepted_sha256 = models.CharField(_("SHA-256 of the accepted PDF"), max_length=64, blank=True, editable=False)
    search = search_index("number", "customer_name", text=("title",))

    objects = QuoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        ordering = ("-created_at", "-pk")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="quote_list_newest"),
            models.Index(fields=["state", "valid_until"], name="quote_to_expire"),
            models.Index(fields=["state", "-created_at"], include=["net", "currency"], name="quote_board"),
            models.Index(fields=["owner", "state"], name="quote_of_owner"),
            word_index(name="quote_search"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number", "revision"], name="quote_revision_is_unique"),
            models.UniqueConstraint(
                fields=["number"], condition=Q(state="accepted"), name="one_accepted_revision_per_quote"
            ),
        ]
        triggers = [
            triggers.Frozen(while_in=("draft",), free=FROZEN_FREE),
            triggers.Frozen(while_in=UNANSWERED, free=ANSWERED_FREE, name="answer_frozen"),
        ]

    def __str__(self) -> str:
        return f"{self.number} rev. {self.revision}"

    @property
    def recipient_email(self) -> str:
        return (self.contact.email if self.contact else "") or self.company.email

    @property
    def is_over(self) -> bool:
        """Out of validity, whether the daily job has said so yet or not."""
        return self.state == self.State.EXPIRED or (
            self.state == self.State.SENT and self.valid_until < timezone.localdate()
        )

    def lineage(self) -> Any:
        """Every revision of this offer, newest first."""
        return Quote.objects.filter(number=self.number).order_by("-revision")

    @transition(
        source=State.DRAFT,
        target=State.PENDING_APPROVAL,
        label=_("Submit for approval"),
        event="submitted",
        past=_("submitted the quote for approval"),
        conditions=[has_lines, exemptions_are_named, still_valid],
        tone="primary",
    )
    def submit(self, *, by: Any) -> None:
        self.submitted_by = user_of(by)

    @transition(
        source=State.PENDING_APPROVAL,
        target=State.APPROVED,
        label=_("Approve"),
        event="approved",
        past=_("approved the quote"),
        conditions=[has_lines, other_eyes],
        tone="primary",
    )
    def approve(self, *, by: Any) -> None:
        self.approved_by = user_of(by)

    @transition(
        source=State.PENDING_APPROVAL,
        target=State.DRAFT,
        label=_("Reject"),
        event="rejected",
        past=_("sent the quote back"),
        form="core.forms.ReasonForm",
        tone="danger",
    )
    def reject(self, *, by: Any, reason: str) -> None:
        self.submitted_by = None

    @transition(
        source=State.APPROVED,
        target=State.SENT,
        label=_("Send to customer"),
        event="sent",
        past=_("sent the quote to the customer"),
        conditions=[still_valid, has_recipient],
        tone="primary",
        form="quotes.forms.SendForm",
        by_hand=False,
    )
    def send(self, *, by: Any, pdf: Any = None, message: str = "") -> None:
        """Performed by `quotes.services.send_quote`, which prints the PDF first."""
        self.sent_at = timezone.now()
        self.pdf = pdf

    @transition(
        source=(State.APPROVED, State.SENT, State.DECLINED, State.EXPIRED),
        target=State.SUPERSEDED,
        label=_("Revise"),
        event="revised",
        past=_("replaced by a new revision"),
        conditions=[deal_is_open],
        by_hand=False,
    )
    def revise(self, *, by: Any) -> None:
        """Performed by `quotes.services.revise_quote`, which makes the new revision; this one only steps back."""

    @transition(
        source=State.SENT,
        target=State.ACCEPTED,
        label=_("Accept"),
        event="accepted",
        past=_("accepted the quote"),
        conditions=[still_valid],
        form="quotes.forms.AcceptForm",
        open_to=("customer",),
    )
    def accept(
        self, *, by: Any, signer_name: str, signer_email: str = "", ip: str | None = None, agent: str = ""
    ) -> None:
        """By the customer on the public page, or by sales on paper. Keeps the proof: who, when, from where, which PDF."""
        if not signer_name.strip():
            raise Refused(str(_("Who accepts the quote? Please give a name.")))
        self._refuse_second_acceptance()
        self.answered_at = timezone.now()
        self.signer_name, self.signer_email = signer_name.strip()[:200], signer_email
        self.signer_ip, self.signer_agent = ip, agent[:300]
        self.accepted_sha256 = self.pdf.sha256 if self.pdf else ""

    def _refuse_second_acceptance(self) -> None:
        """Whoever accepts a revision waits for those who are accepting another one of the same offer."""
        first = Quote._base_manager.select_for_update(of=("self",)).filter(number=self.number, revision=1)
        list(first.values_list("pk"))
        other = self.lineage().filter(state=self.State.ACCEPTED).exclude(pk=self.pk).first()
        if other:
            raise Refused(str(_("Revision %(n)d of this quote has been accepted already.")) % {"n": other.revision})

    @transition(
        source=State.SENT,
        target=State.DECLINED,
        label=_("Decline"),
        event="declined",
        past=_("declined the quote"),
        form="core.forms.ReasonForm",
        tone="danger",
        open_to=("customer",),
    )
    def decline(self, *, by: Any, reason: str) -> None:
        if not reason.strip():
            raise Refused(str(_("Please say why.")))
        self.answered_at, self.answer_note = timezone.now(), reason

    @transition(
        source=(State.APPROVED, State.SENT),
        target=State.EXPIRED,
        label=_("Expire"),
        event="expired",
        past=_("the quote expired"),
        by_hand=False,
    )
    def expire(self, *, by: Any) -> None:
        if self.valid_until >= timezone.localdate():
            raise Refused(str(_("The quote is still valid.")))


@tracked()
class QuoteLine(ProductLine):
    """A line of a quote."""

    COST_FIELDS: tuple[str, ...] = ("unit_cost",)

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="lines", verbose_name=_("quote"))

    class Meta(ProductLine.Meta):
        verbose_name = _("quote line")
        verbose_name_plural = _("quote lines")
        triggers = [triggers.FrozenLines(parent="quote", while_in=("draft",))]

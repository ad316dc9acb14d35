"""What was sent for a purpose: mailings to a segment, the words as they went out, one row per mail, what came of it."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from activities.models import MailTemplate
from core import access, triggers
from core.history import tracked
from core.lifecycle import StateField, transition
from core.models import Delivery, Purpose
from core.models.subjects import About, AboutRows
from leads.models.campaigns import Campaign
from leads.models.enrolments import Enrolment
from leads.models.nurture import Segment, Sender, SequenceStep, is_agreed_to
from leads.querysets import SenderQuerySet


class Edition(models.Model):
    """The words of a mail as they went out, before names were filled in, and the links in them. Never changed.

    A link of a mail leads to one of these addresses, and to no other.
    """

    digest = models.CharField(max_length=64, unique=True)
    title = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=5)
    links = ArrayField(models.CharField(max_length=2000), default=list)

    class Meta:
        verbose_name = _("text of a mailing")
        verbose_name_plural = _("texts of mailings")
        default_permissions = ()
        triggers = [triggers.Undeletable(), triggers.Frozen(free=())]

    def __str__(self) -> str:
        return self.title


@tracked(exclude=["place", "left_out", "editions"])
class Mailing(Sender):
    """One mail to a segment, once."""

    ICON = "mail-forward"
    OWN_FIELDS = False
    INTERNAL_FIELDS = ("place", "left_out")

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("mailing", "Draft")
        SCHEDULED = "scheduled", pgettext_lazy("mailing", "Scheduled")
        SENDING = "sending", pgettext_lazy("mailing", "Being sent")
        SENT = "sent", pgettext_lazy("mailing", "Sent")
        CANCELLED = "cancelled", pgettext_lazy("mailing", "Cancelled")

    state = StateField(choices=State.choices, default=State.DRAFT)
    name = models.CharField(_("name"), max_length=120)
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="mailings", verbose_name=_("segment"))
    template = models.ForeignKey(MailTemplate, on_delete=models.PROTECT, related_name="+", verbose_name=_("template"))
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="mailings", verbose_name=_("campaign")
    )
    scheduled_for = models.DateTimeField(_("goes out on"), null=True, editable=False)
    #: The words in each language, from the moment it is sent or scheduled: {language: id of the edition}.
    editions = models.JSONField(default=dict, editable=False)
    #: The person who came last: where a worker goes on.
    place = models.BigIntegerField(default=0, editable=False)
    #: How many were left out, by reason.
    left_out = models.JSONField(default=dict, editable=False)
    started_at = models.DateTimeField(_("sent on"), null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    objects = SenderQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailing")
        verbose_name_plural = _("mailings")
        ordering = ("-created_at", "-pk")
        default_permissions = ("view", "add", "change")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="mailing_newest"),
            models.Index(fields=["id"], condition=Q(state="sending"), name="mailing_being_sent"),
            models.Index(fields=["scheduled_for"], condition=Q(state="scheduled"), name="mailing_scheduled"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        kinds = (None, self.segment.kind) if self.segment_id else ()
        if self.segment_id and self.template_id and _kind_of(self.template) not in kinds:
            raise ValidationError({"template": gettext("This template is one for records of another kind.")})

    @property
    def is_editable(self) -> bool:
        return self.state == self.State.DRAFT

    @transition(
        source=State.DRAFT,
        target=State.SCHEDULED,
        label=_("Schedule"),
        event="scheduled",
        past=_("scheduled the mailing"),
        conditions=[is_agreed_to],
        by_hand=False,
    )
    def schedule(self, *, by: Any, at: datetime, editions: dict[str, int]) -> None:
        """Performed by `leads.nurture.scheduling.schedule`. Who is in the segment is asked when its time has come."""
        self.owner = access.user_of(by) or self.owner
        self.editions, self.scheduled_for = editions, at

    @transition(
        source=State.SCHEDULED,
        target=State.DRAFT,
        label=_("Call off"),
        event="called_off",
        past=_("called the mailing off"),
        tone="danger",
    )
    def call_off(self, *, by: Any, reason: str = "") -> None:
        """Nothing has gone out, and nothing will; it can be changed and scheduled anew."""
        self.editions, self.scheduled_for = {}, None

    @transition(
        source=(State.DRAFT, State.SCHEDULED),
        target=State.SENDING,
        label=_("Send"),
        event="started",
        past=_("started the mailing"),
        conditions=[is_agreed_to],
        by_hand=False,
    )
    def send(self, *, by: Any, editions: dict[str, int]) -> None:
        """Performed by `leads.nurture.mailings.start`, which has made the words. It goes to those whom `by` may see."""
        self.owner = access.user_of(by) or self.owner
        self.editions, self.started_at = editions, timezone.now()

    @transition(
        source=State.SENDING, target=State.SENT, label=_("Finish"), event="sent", past=_("was sent to everybody"),
        by_hand=False,
    )  # fmt: skip
    def finish(self, *, by: Any) -> None:
        self.ended_at = timezone.now()

    @transition(
        source=(State.DRAFT, State.SCHEDULED, State.SENDING),
        target=State.CANCELLED,
        label=_("Cancel the mailing"),
        event="cancelled",
        past=_("cancelled the mailing"),
        tone="danger",
    )
    def cancel(self, *, by: Any) -> None:
        """Nobody further is written to; what has gone is gone."""
        self.ended_at = timezone.now()


def _kind_of(template: MailTemplate) -> str | None:
    return template.subject_type.model if template.subject_type else None


class SendQuerySet(AboutRows, models.QuerySet["Send"]):
    """Mails, by the person they went to."""


class Send(About):
    """One mail to one person for one purpose. The mailing, or the step of the sequence, has it once."""

    mailing = models.ForeignKey(Mailing, on_delete=models.PROTECT, null=True, related_name="sends")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, null=True, related_name="sends")
    step = models.ForeignKey(SequenceStep, on_delete=models.SET_NULL, null=True, related_name="sends")
    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="+", verbose_name=_("purpose"))
    #: Set where opens and clicks are measured: the purpose by which the person has agreed to it.
    measuring = models.ForeignKey(Purpose, on_delete=models.PROTECT, null=True, related_name="+")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField(_("e-mail"), blank=True)
    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("sent"), default=timezone.now)
    #: By a person, as far as one can tell; `machine_at`: by a program that looks into mails before anybody reads them.
    opened_at = models.DateTimeField(_("opened"), null=True)
    clicked_at = models.DateTimeField(_("clicked"), null=True)
    machine_at = models.DateTimeField(_("opened by a program"), null=True)
    replied_at = models.DateTimeField(_("replied"), null=True)
    bounced_at = models.DateTimeField(_("came back"), null=True)
    unsubscribed_at = models.DateTimeField(_("unsubscribed"), null=True)
    #: Which links a person has clicked, by their number.
    links = ArrayField(models.PositiveSmallIntegerField(), default=list)

    objects = SendQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail of a mailing")
        verbose_name_plural = _("mails of mailings")
        ordering = ("-at", "-pk")
        default_permissions = ()
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-at"], name="send_of_subject"),
            models.Index(fields=["email"], condition=Q(bounced_at__isnull=False), name="send_that_came_back"),
            models.Index(fields=["mailing", "-at"], name="send_of_mailing"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["mailing", "email"], condition=~Q(email=""), name="a_mailing_writes_to_an_address_once"
            ),
            models.UniqueConstraint(fields=["enrolment", "step"], name="a_step_is_taken_once"),
            models.CheckConstraint(
                condition=Q(mailing=None) ^ Q(enrolment=None), name="send_is_of_a_mailing_or_a_sequence"
            ),
        ]

    def __str__(self) -> str:
        return str(self.edition)

    @property
    def sender(self) -> Any:
        """The mailing or the sequence."""
        return self.mailing or self.enrolment.sequence  # type: ignore[union-attr]

"""Nurturing: segments of people, sequences of mails that react to what they do."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from activities.models import MailTemplate
from core.access import UnownedQuerySet
from core.history import tracked
from core.lifecycle import StateField, transition
from core.models import Purpose, Record
from core.models.records import Stateful
from leads.querysets import OPEN, SenderQuerySet

#: A step that ends the sequence is named by this number where a condition says where to go on.
END = 0


class Kind(models.TextChoices):
    """The kinds of people that are written to."""

    LEAD = "lead", _("Leads")
    CONTACT = "contact", _("Contacts")


@tracked()
class Segment(Record):
    """People who are alike: a filter of the list of leads or of contacts, read anew whenever it is used.

    Whoever uses it gets the rows they may see. Who of them may be written to is a question of consent, asked at each use.
    """

    ICON = "users-group"
    OWN_FIELDS = False
    INTERNAL_FIELDS = ("query",)

    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(_("people"), max_length=10, choices=Kind.choices, default=Kind.LEAD)
    #: The query string of the list.
    query = models.CharField(_("filter"), max_length=2000, blank=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+",
        verbose_name=_("owner"),
    )  # fmt: skip

    objects = UnownedQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ("name",)
        default_permissions = ("view", "add", "change")

    def __str__(self) -> str:
        return self.name


class Sender(Stateful, Record):
    """What mails are sent by: for one purpose, to those only who have agreed to it, in the name of its owner."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, editable=False, related_name="+",
        verbose_name=_("owner"),
    )  # fmt: skip
    purpose = models.ForeignKey(
        Purpose, on_delete=models.PROTECT, related_name="+", verbose_name=_("purpose"),
        help_text=_("Only those are written to who have agreed to it."),
    )  # fmt: skip
    measuring = models.ForeignKey(
        Purpose, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("opens and clicks"),
        help_text=_("Measured of those only who have agreed to this purpose; empty: of nobody."),
    )  # fmt: skip

    class Meta:
        abstract = True


def has_steps(sequence: "Sequence") -> str | None:
    mails = sequence.steps.filter(action=SequenceStep.Action.MAIL)
    return None if mails.exists() else gettext("Add a step that sends a mail first.")


def is_agreed_to(sender: Sender) -> str | None:
    """Nobody can have agreed to a purpose without words, or to one that is no longer in use."""
    purpose = sender.purpose
    if purpose.is_active and purpose.present_text is not None:
        return None
    return gettext("The purpose “%(purpose)s” is not in use, or has no text.") % {"purpose": purpose}


@tracked()
class Sequence(Sender):
    """Mails with waits between them. Whoever is in it goes from step to step until the end, or until something stops them."""

    ICON = "route-2"
    OWN_FIELDS = False
    SIDE_STATES = ("paused",)

    class State(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("sequence", "Draft")
        ACTIVE = "active", pgettext_lazy("sequence", "Active")
        PAUSED = "paused", pgettext_lazy("sequence", "Paused")
        CLOSED = "closed", pgettext_lazy("sequence", "Closed")

    state = StateField(choices=State.choices, default=State.DRAFT)
    name = models.CharField(_("name"), max_length=120, unique=True)
    kind = models.CharField(_("people"), max_length=10, choices=Kind.choices, default=Kind.LEAD)
    segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, null=True, blank=True, related_name="sequences",
        verbose_name=_("takes in by itself"),
        help_text=_("Everybody who comes to belong to this segment; empty: only whom somebody puts in."),
    )  # fmt: skip
    stop_on_reply = models.BooleanField(_("stop when they reply"), default=True)
    stop_on_conversion = models.BooleanField(_("stop when the lead is converted"), default=True)
    stop_on_loss = models.BooleanField(_("stop when the lead is lost"), default=True)
    from_hour = models.PositiveSmallIntegerField(_("from (hour)"), default=9, validators=[MaxValueValidator(23)])
    to_hour = models.PositiveSmallIntegerField(
        _("to (hour)"), default=18, validators=[MinValueValidator(1), MaxValueValidator(24)]
    )
    working_days = models.BooleanField(
        _("on working days only"), default=True, help_text=_("Monday to Friday, without Italian public holidays.")
    )

    objects = SenderQuerySet.as_manager()

    class Meta:
        verbose_name = _("sequence")
        verbose_name_plural = _("sequences")
        ordering = ("name",)
        default_permissions = ("view", "add", "change")
        constraints = [models.CheckConstraint(condition=Q(to_hour__gt=F("from_hour")), name="sequence_hours_in_order")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.segment is not None and self.segment.kind != self.kind:
            raise ValidationError({"segment": gettext("This segment is one of other people.")})
        if None not in (self.from_hour, self.to_hour) and self.from_hour >= self.to_hour:
            raise ValidationError({"to_hour": gettext("This is not after the beginning.")})

    @property
    def is_editable(self) -> bool:
        return self.state != self.State.CLOSED

    @transition(
        source=(State.DRAFT, State.PAUSED),
        target=State.ACTIVE,
        label=_("Start"),
        event="started",
        past=_("started the sequence"),
        conditions=[has_steps, is_agreed_to],
        tone="primary",
    )
    def start(self, *, by: Any) -> None:
        """From now on whoever is in it is written to when their time has come."""

    @transition(
        source=State.ACTIVE, target=State.PAUSED, label=_("Pause"), event="paused", past=_("paused the sequence")
    )
    def pause(self, *, by: Any) -> None:
        """Nobody is written to until it is started again; everybody stays where they are."""

    @transition(
        source=(State.DRAFT, State.ACTIVE, State.PAUSED),
        target=State.CLOSED,
        label=_("Close"),
        event="closed",
        past=_("closed the sequence"),
        tone="danger",
    )
    def close(self, *, by: Any) -> None:
        """For good. Whoever is in it goes no further."""


class SequenceStep(models.Model):
    """One step: after a wait, a mail, a question about what the person has done, or the end."""

    class Action(models.TextChoices):
        MAIL = "mail", _("Send a mail")
        ASK = "ask", _("Ask, and branch")
        END = "end", _("End the sequence")

    class Question(models.TextChoices):
        OPENED = "opened", _("Have they opened the last mail?")
        CLICKED = "clicked", _("Have they clicked in the last mail?")
        REPLIED = "replied", _("Have they replied?")
        SCORE = "score", _("Is the score at least …?")
        STATE = "state", _("Is the lead in the state …?")

    sequence = models.ForeignKey(Sequence, on_delete=models.CASCADE, related_name="steps", verbose_name=_("sequence"))
    position = models.PositiveSmallIntegerField(_("position"), validators=[MinValueValidator(1), MaxValueValidator(50)])
    days = models.PositiveSmallIntegerField(_("after days"), default=0, validators=[MaxValueValidator(365)])
    hours = models.PositiveSmallIntegerField(_("and hours"), default=0, validators=[MaxValueValidator(23)])
    action = models.CharField(_("what"), max_length=10, choices=Action.choices, default=Action.MAIL)
    template = models.ForeignKey(
        MailTemplate, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("template")
    )
    question = models.CharField(_("question"), max_length=10, choices=Question.choices, blank=True)
    value = models.CharField(_("score or state"), max_length=20, blank=True)
    yes = models.PositiveSmallIntegerField(
        _("if so, go on at step"), null=True, blank=True, help_text=_("Empty: the next one. 0: end.")
    )
    no = models.PositiveSmallIntegerField(
        _("if not, go on at step"), null=True, blank=True, help_text=_("Empty: the next one. 0: end.")
    )

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ("position", "pk")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.position}. {self.get_action_display()}"

    def clean(self) -> None:
        errors: dict[str, Any] = {}
        if self.action == self.Action.MAIL and self.template is None:
            errors["template"] = gettext("Choose the text of the mail.")
        if self.action == self.Action.ASK:
            errors |= self._wrong_question()
        if errors:
            raise ValidationError(errors)

    def _wrong_question(self) -> dict[str, Any]:
        """Branches lead forwards only: nobody goes round in circles."""
        errors: dict[str, Any] = {}
        if not self.question:
            errors["question"] = gettext("Choose the question.")
        if self.question == self.Question.SCORE and not (self.value.isdecimal() and int(self.value) <= 100):
            errors["value"] = gettext("A score is a number from 0 to 100.")
        if self.question == self.Question.STATE and self.value not in OPEN:
            errors["value"] = gettext("Known: new, working, qualified.")
        for name in ("yes", "no"):
            place = getattr(self, name)
            if place not in (None, END) and self.position is not None and place <= self.position:
                errors[name] = gettext("A branch leads to a later step, or to the end (0).")
        return errors

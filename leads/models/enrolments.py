"""Who is in which sequence, at which step, and why they went no further."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.lifecycle import StateField, transition
from core.models import Record
from core.models.records import Stateful
from core.models.subjects import About
from leads.models.nurture import Sequence, SequenceStep
from leads.querysets import EnrolmentQuerySet


class Enrolment(Stateful, About, Record):
    """A person's way through a sequence: at which step they are, and when it is due."""

    ICON = "walk"
    OWN_FIELDS = False
    INTERNAL_FIELDS = ("subject_type", "subject_id", "problem")
    SIDE_STATES = ("paused", "stopped")

    class State(models.TextChoices):
        ACTIVE = "active", pgettext_lazy("enrolment", "Under way")
        PAUSED = "paused", pgettext_lazy("enrolment", "Paused")
        DONE = "done", pgettext_lazy("enrolment", "Done")
        STOPPED = "stopped", pgettext_lazy("enrolment", "Stopped")

    class Why(models.TextChoices):
        """Why somebody goes no further."""

        REPLIED = "replied", _("They have replied")
        CONVERTED = "converted", _("The lead was converted")
        LOST = "lost", _("The lead is lost")
        UNSUBSCRIBED = "unsubscribed", _("There is no valid consent (any more)")
        BOUNCED = "bounced", _("Mail to this address comes back")
        BY_HAND = "by_hand", _("Somebody stopped it")
        CLOSED = "closed", _("The sequence was closed")
        TWICE = "twice", _("The same person is in it already")
        GONE = "gone", _("The person has no address any more, or is gone")

    state = StateField(choices=State.choices, default=State.ACTIVE)
    sequence = models.ForeignKey(
        Sequence, on_delete=models.PROTECT, related_name="enrolments", verbose_name=_("sequence")
    )
    #: The owner of the person's record, else of the sequence: the mails are theirs, and so are the answers.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("owner")
    )
    #: The address when they came in: nobody goes through the same sequence twice.
    email = models.EmailField(_("e-mail"), blank=True)
    #: What comes next; `position` finds the place again if the step is taken out meanwhile.
    step = models.ForeignKey(SequenceStep, on_delete=models.SET_NULL, null=True, related_name="+")
    position = models.PositiveSmallIntegerField(_("step"), default=1)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    why = models.CharField(_("stopped because"), max_length=15, choices=Why.choices, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    problem = models.TextField(blank=True, editable=False)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("person in a sequence")
        verbose_name_plural = _("people in sequences")
        ordering = ("-created_at", "-pk")
        default_permissions = ("view", "add")
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="enrolment_of_subject"),
            models.Index(fields=["due_at", "id"], condition=Q(state="active"), name="enrolment_due"),
            models.Index(fields=["sequence", "state"], name="enrolment_of_sequence"),
            models.Index(fields=["-created_at", "-id"], name="enrolment_newest"),
            models.Index(fields=["owner", "-created_at", "-id"], name="enrolment_of_owner"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["sequence", "email"], condition=~Q(email=""), name="an_address_goes_through_a_sequence_once"
            )
        ]

    def __str__(self) -> str:
        return self.email or f"#{self.pk}"

    @transition(
        source=State.ACTIVE, target=State.PAUSED, label=_("Pause"), event="paused", past=_("paused the sequence")
    )
    def pause(self, *, by: Any) -> None:
        """They stay where they are until somebody resumes it."""

    @transition(
        source=State.PAUSED, target=State.ACTIVE, label=_("Resume"), event="resumed", past=_("resumed the sequence")
    )
    def resume(self, *, by: Any) -> None:
        """They go on where they were."""

    @transition(
        source=(State.ACTIVE, State.PAUSED),
        target=State.STOPPED,
        label=_("Stop"),
        event="stopped",
        past=_("stopped the sequence"),
        tone="danger",
    )
    def stop(self, *, by: Any, why: str = Why.BY_HAND) -> None:
        self.why, self.ended_at = why, timezone.now()

    @transition(
        source=State.STOPPED,
        target=State.ACTIVE,
        label=_("Take up again"),
        event="taken_up",
        past=_("took the sequence up again"),
        by_hand=False,
    )
    def take_up(self, *, by: Any) -> None:
        """What it was stopped for was undone. The step and the day it is due are those from before: nobody waits anew."""
        self.why, self.ended_at = "", None

    @transition(
        source=State.ACTIVE, target=State.DONE, label=_("Finish"), event="finished", past=_("came to the end"),
        by_hand=False,
    )  # fmt: skip
    def finish(self, *, by: Any) -> None:
        self.ended_at = timezone.now()

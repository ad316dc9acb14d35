"""What leaves the house, and the files that go with it."""

from datetime import timedelta
from typing import Any, Self

from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import files, outbox, triggers
from core.access import Job, UnownedQuerySet, permission_name
from core.lifecycle import StateField, transition
from core.models.documents import Thread
from core.models.records import Record, Stateful
from core.models.subjects import AboutRows

#: What PostgreSQL makes of the bytes itself.
_DIGEST = Func(
    Func(F("content"), function="sha256", output_field=models.BinaryField()),
    Value("hex"),
    function="encode",
    output_field=models.CharField(),
)


class File(models.Model):
    """A file kept byte for byte, in the database so that it commits and rolls back with what it belongs to.

    Where there is a bucket a worker moves the bytes there later (core/files.py). `read()` gives them from either place.
    """

    name = models.CharField(_("name"), max_length=200)
    mime = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField(null=True)
    #: The object's name in the bucket; "" while the bytes are here.
    stored = models.CharField(max_length=100, default="", editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        indexes = [
            # What waits to be moved, or to be deleted in the bucket: the rows that a worker looks for every minute.
            models.Index(
                fields=["id"], condition=Q(content__isnull=False) & (Q(size__gt=0) | ~Q(stored="")), name="file_to_move"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(content__isnull=False, sha256=_DIGEST) | (Q(content=None) & ~Q(stored="")),
                name="file_is_what_it_was",
            )
        ]
        # The bytes may move: the constraint sees to it that they stay the same, and `read()` when they are elsewhere.
        triggers = [triggers.Undeletable(), triggers.Frozen(free=("content", "stored"))]

    def __str__(self) -> str:
        return self.name

    def read(self) -> bytes:
        """The bytes as they were kept. Raises `files.Unavailable` when the bucket does not give them out unharmed."""
        if self.content is None and not self.stored:  # moved since this row was read without its bytes
            self.refresh_from_db(fields=["stored"])
        return bytes(self.content) if self.content is not None else files.fetch(self.stored, self.sha256)

    @classmethod
    def store(cls, *, name: str, mime: str, content: bytes) -> "File":
        """Keep these bytes under this name."""
        file = cls.of(name=name, mime=mime, content=content)
        file.save(force_insert=True)
        return file

    @classmethod
    def of(cls, *, name: str, mime: str, content: bytes) -> "File":
        """These bytes under this name, not kept."""
        return cls(name=name, mime=mime, size=len(content), sha256=files.digest(content), content=content)


def subjects_of_deliveries() -> list[type[models.Model]]:
    """Every kind of record a delivery can be about."""
    return [model for model in apps.get_models() if issubclass(model, Record) and model is not Delivery]


def has_content(delivery: Any) -> str | None:
    """What an erased person was sent cannot go out again."""
    return (
        gettext("Its content was erased: there is nothing left to send.") if delivery.payload == outbox.ERASED else None
    )


class DeliveryQuerySet(AboutRows, UnownedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Deliveries about records the user may see: an e-mail is as private as the document it goes with."""
        rows = super().visible_to(user)
        if isinstance(user, Job) or user.has_perm("core.see_all_delivery") or rows.query.is_empty():
            return rows
        seen = Q(pk__in=[])
        for model in subjects_of_deliveries():
            if user.has_perm(permission_name("view", model)):
                kind = ContentType.objects.get_for_model(model)
                records = model.objects.visible_to(user)  # type: ignore[attr-defined]
                of_kind = Q(subject_type=kind)
                seen |= of_kind if not records.query.where else of_kind & Q(subject_id__in=records.values("pk"))
        return rows.filter(seen)

    def about(self, subject: models.Model) -> Any:
        """Deliveries of one record, newest first."""
        return super().about(subject).order_by("-created_at", "-pk")

    def due(self) -> Self:
        return self.filter(outbox.due_filter()).order_by("pk")


class Delivery(Stateful, Record):
    """Something that leaves the house: an e-mail, an ERP order, a webhook. One row per idempotency key, ever."""

    ICON = "send"
    OWN_FIELDS = False
    INTERNAL_FIELDS = ("payload_hash",)

    class State(models.TextChoices):
        PENDING = "pending", _("Pending")
        IN_FLIGHT = "in_flight", _("In flight")
        DELIVERED = "delivered", _("Delivered")
        FAILED = "failed", _("Failed")

    channel = models.CharField(_("channel"), max_length=20)
    key = models.CharField(_("idempotency key"), max_length=120, unique=True)
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, null=True, related_name="deliveries")
    state = StateField(choices=State.choices, default=State.PENDING)
    payload = models.JSONField(_("content"), default=dict)
    payload_hash = models.CharField(_("SHA-256 of the content"), max_length=64)
    files = models.ManyToManyField(File, blank=True, related_name="+")
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    answer = models.TextField(_("answer"), blank=True)
    last_error = models.TextField(_("last error"), blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="delivery_of_subject"),
            models.Index(fields=["next_try_at"], condition=Q(state__in=["pending", "in_flight"]), name="delivery_due"),
            models.Index(fields=["-created_at", "-id"], name="delivery_newest"),
            models.Index(fields=["-created_at"], condition=Q(state="failed"), name="delivery_failed"),
        ]
        triggers = [
            triggers.Undeletable(),
            triggers.Frozen(
                free=("state", "attempts", "next_try_at", "answer", "last_error", "delivered_at", "updated_at")
            ),
        ]

    def __str__(self) -> str:
        return self.key

    # The worker's own moves leave no event each: attempts, answer and error tell their story.

    @transition(source=State.PENDING, target=State.IN_FLIGHT, label=_("Start"), event="", past="", by_hand=False)
    def start(self, *, by: Any) -> None:
        self.attempts += 1
        self.next_try_at = timezone.now() + timedelta(seconds=outbox.GRACE)

    @transition(
        source=State.IN_FLIGHT,
        target=State.DELIVERED,
        label=_("Confirm"),
        event="delivered",
        past=_("delivered"),
        by_hand=False,
    )
    def confirm(self, *, by: Any, answer: str = "") -> None:
        self.answer, self.last_error, self.delivered_at = answer[:4000], "", timezone.now()

    @transition(source=State.IN_FLIGHT, target=State.PENDING, label=_("Postpone"), event="", past="", by_hand=False)
    def postpone(self, *, by: Any, error: str) -> None:
        self.last_error = error[:4000]
        wait = outbox.BACK_OFF[min(self.attempts - 1, len(outbox.BACK_OFF) - 1)]
        self.next_try_at = timezone.now() + timedelta(seconds=wait)

    @transition(
        source=State.IN_FLIGHT, target=State.FAILED, label=_("Give up"), event="failed", past=_("failed"), by_hand=False
    )
    def give_up(self, *, by: Any, error: str) -> None:
        self.last_error = error[:4000]

    @transition(
        source=(State.FAILED, State.PENDING),
        target=State.PENDING,
        label=_("Send again"),
        event="resent",
        past=_("asked to send it again"),
        conditions=[has_content],
        tone="primary",
    )
    def resend(self, *, by: Any) -> None:
        self.next_try_at = timezone.now()
        self.attempts = 0
        outbox.kick_on_commit(self)

"""The base of every record and document, and the rows the house itself keeps: threads, events, deliveries, files, numbers."""

import hashlib
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import lifecycle, money, outbox, triggers
from core.access import Job, RecordQuerySet, permission_name
from core.lifecycle import StateField, Step, transition


def search_index(*fields: str) -> models.GeneratedField:
    """A tsvector kept by the database over the given columns: names and numbers as they are, no stemming."""
    return models.GeneratedField(
        expression=SearchVector(*fields, config="simple"), output_field=SearchVectorField(), db_persist=True
    )


class Record(models.Model):
    """Anything with a page of its own. Rows are fetched through `objects.visible_to(user)`."""

    #: Name of the icon (Tabler) and fields only those may see who may see costs.
    ICON = "file"
    COST_FIELDS: tuple[str, ...] = ()

    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True, editable=False)

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    @classmethod
    def url_name(cls, page: str) -> str:
        return f"{cls._meta.app_label}:{cls._meta.model_name}_{page}"

    def get_absolute_url(self) -> str:
        return reverse(self.url_name("detail"), args=[self.pk])

    def page_url(self) -> str:
        """The address of the record's page, or "" where its kind has none."""
        try:
            return self.get_absolute_url()
        except NoReverseMatch:
            return ""

    @property
    def edit_url(self) -> str:
        return reverse(self.url_name("edit"), args=[self.pk])

    def act_url(self, verb: str) -> str:
        return reverse(self.url_name("act"), args=[self.pk, verb])

    def next_steps(self, user: Any) -> list[Step]:
        """What this user can do now: verbs and hand-overs, each with the reasons against it."""
        from core import registry

        steps = lifecycle.steps(self, user) + registry.handover_steps(self, user)
        return sorted(steps, key=lambda step: {"primary": 0, "": 1, "danger": 2}[step.tone])


class Stateful(models.Model):
    """A record with a life cycle: a protected `state` that only verbs move."""

    class Meta:
        abstract = True

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        self.__dict__["_refreshing"] = True
        try:
            super().refresh_from_db(*args, **kwargs)
        finally:
            del self.__dict__["_refreshing"]

    @property
    def is_editable(self) -> bool:
        """Whether its fields may still be typed: not once the database has frozen the row."""
        frozen = next((t for t in self._meta.triggers if isinstance(t, triggers.Frozen)), None)  # type: ignore[attr-defined]
        return frozen is None or self.state in frozen.while_in  # type: ignore[attr-defined]


class Thread(models.Model):
    """One deal from first touch to last payment: every document of it points here, whatever created what."""

    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"#{self.pk}"


class Document(Stateful, Record):
    """A record with a life cycle, an owner, and a place in the thread of its deal."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="+", editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.thread_id is None:
            self.thread = Thread.objects.create()
        super().save(*args, **kwargs)


class Priced(models.Model):
    """A document with lines: its totals are kept on it, all in one currency."""

    net = money.MoneyField(_("net"), default=0, default_currency="EUR")
    vat = money.MoneyField(_("VAT"), default=0, default_currency="EUR")
    gross = money.MoneyField(_("total"), default=0, default_currency="EUR")

    #: Never given out to those who may not see costs.
    COST_FIELDS: tuple[str, ...] = ("cost", "margin", "margin_percent")
    if TYPE_CHECKING:
        currency: str  # the column that the money fields share

    class Meta:
        abstract = True

    @property
    def cost(self) -> money.Money:
        """What the lines cost us."""
        return money.Money(sum((line.cost for line in self.lines.all()), Decimal(0)), self.net.currency)  # type: ignore[attr-defined]

    @property
    def margin(self) -> money.Money:
        """Net less cost."""
        return self.net - self.cost

    @property
    def margin_percent(self) -> Decimal | None:
        """Margin in percent of net, to one decimal; None where nothing is charged."""
        return round(self.margin.amount / self.net.amount * 100, 1) if self.net.amount else None

    @property
    def totals(self) -> money.Totals:
        """Totals per VAT rate, from the lines."""
        return money.totals(self.lines.all())  # type: ignore[attr-defined]

    def set_totals(self) -> None:
        """Take the totals from the lines; the caller saves."""
        found = self.totals
        self.net, self.vat, self.gross = found.net, found.vat, found.gross


class Line(models.Model):
    """A line of a document: a snapshot, never a live reference. Price, cost and net are in the document's currency."""

    COST_FIELDS: tuple[str, ...] = ("unit_cost",)

    position = models.PositiveSmallIntegerField(_("position"), default=0)
    description = models.TextField(_("description"), max_length=2000)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3, default=Decimal(1))
    unit = models.CharField(_("unit"), max_length=10, default="pz")
    unit_price = models.DecimalField(_("unit price"), max_digits=14, decimal_places=4)
    discount = models.DecimalField(
        _("discount %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    vat_rate = models.DecimalField(
        _("VAT %"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(22),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )
    vat_nature = models.CharField(_("VAT nature"), max_length=4, blank=True)
    unit_cost = models.DecimalField(_("unit cost"), max_digits=14, decimal_places=4, default=Decimal(0))
    net = models.DecimalField(_("net"), max_digits=14, decimal_places=2, editable=False)

    #: What a hand-over copies from the line before it.
    SNAPSHOT: ClassVar[tuple[str, ...]] = (
        "position",
        "product_id",
        "description",
        "quantity",
        "unit",
        "unit_price",
        "discount",
        "vat_rate",
        "vat_nature",
        "unit_cost",
        "net",
    )

    class Meta:
        abstract = True
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.description[:60]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.net = self.compute_net()
        super().save(*args, **kwargs)

    def compute_net(self) -> Decimal:
        """What the line comes to. A document whose lines are parts of another's may round otherwise."""
        return money.line_net(quantity=self.quantity, unit_price=self.unit_price, discount=self.discount)

    def snapshot(self) -> dict[str, Any]:
        """The values the next document's line starts from."""
        return {name: getattr(self, name) for name in self.SNAPSHOT}

    @property
    def cost(self) -> Decimal:
        """What the line costs us, rounded once; for those who may see costs."""
        return money.cents(self.unit_cost * self.quantity)

    @property
    def margin(self) -> Decimal:
        """Net less cost, for those who may see costs."""
        return self.net - self.cost


class EventQuerySet(models.QuerySet["Event"]):
    def about(self, subject: models.Model) -> Self:
        """Events of one record, newest first."""
        kind = ContentType.objects.get_for_model(subject)
        return self.filter(subject_type=kind, subject_id=subject.pk).order_by("-at", "-pk")

    def waiting(self) -> Self:
        """Events whose reactions have not run yet and are due, oldest first."""
        return self.filter(dispatched_at=None, next_try_at__lte=timezone.now()).order_by("pk")


class Event(models.Model):
    """One act: timeline, notification, webhook and outbox row in one. Append-only, also for raw SQL."""

    at = models.DateTimeField(_("at"), default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(_("who"), max_length=200)
    name = models.CharField(_("event"), max_length=80)
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    subject_id = models.BigIntegerField()
    subject = GenericForeignKey("subject_type", "subject_id")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, null=True, related_name="events")
    source = models.CharField(_("from"), max_length=20, blank=True)
    target = models.CharField(_("to"), max_length=20, blank=True)
    data = models.JSONField(_("facts"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    dispatched_at = models.DateTimeField(_("dispatched"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    last_error = models.TextField(_("last error"), blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ("-at", "-pk")
        default_permissions = ("view",)
        permissions = [("see_costs", _("Can see costs and margins")), ("resend_event", _("Can send events again"))]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-at"], name="event_of_subject"),
            models.Index(fields=["thread", "-at"], name="event_of_thread"),
            models.Index(fields=["id"], condition=Q(dispatched_at=None), name="event_waiting"),
        ]
        triggers = [
            triggers.Undeletable(),
            triggers.Frozen(free=("dispatched_at", "attempts", "next_try_at", "last_error")),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.subject_id}"


class Series(models.Model):
    """The last number given in a series and year."""

    code = models.CharField(_("code"), max_length=10)
    year = models.PositiveSmallIntegerField(_("year"))
    last = models.PositiveIntegerField(_("last number"))

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")
        constraints = [models.UniqueConstraint(fields=["code", "year"], name="one_series_per_code_and_year")]

    def __str__(self) -> str:
        return f"{self.code} {self.year}"


class File(models.Model):
    """A file kept byte for byte in the database, so that it commits and rolls back with what it belongs to."""

    name = models.CharField(_("name"), max_length=200)
    mime = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        triggers = [triggers.Undeletable(), triggers.Frozen(free=())]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def store(cls, *, name: str, mime: str, content: bytes) -> "File":
        """Keep these bytes under this name."""
        digest = hashlib.sha256(content).hexdigest()
        return cls.objects.create(name=name, mime=mime, size=len(content), sha256=digest, content=content)


def subjects_of_deliveries() -> list[type[models.Model]]:
    """Every kind of record a delivery can be about."""
    return [model for model in apps.get_models() if issubclass(model, Record) and model is not Delivery]


class DeliveryQuerySet(RecordQuerySet):
    owner_paths = ()

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

    def about(self, subject: models.Model) -> Self:
        """Deliveries of one record, newest first."""
        kind = ContentType.objects.get_for_model(subject)
        return self.filter(subject_type=kind, subject_id=subject.pk).order_by("-created_at", "-pk")

    def due(self) -> Self:
        return self.filter(outbox.due_filter()).order_by("pk")


class Delivery(Stateful, Record):
    """Something that leaves the house: an e-mail, an ERP order, a webhook. One row per idempotency key, ever."""

    ICON = "send"

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
        tone="primary",
    )
    def resend(self, *, by: Any) -> None:
        self.next_try_at = timezone.now()
        self.attempts = 0
        outbox.kick_on_commit(self)

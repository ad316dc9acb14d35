"""Data protection: what people have agreed to, with the proof of it."""

from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import triggers
from core.access import UnownedQuerySet
from core.history import tracked
from core.models.deliveries import File
from core.models.records import Record
from core.models.subjects import About, AboutRows


class PurposeQuerySet(UnownedQuerySet):
    def in_use(self) -> Self:
        return self.filter(is_active=True)


@tracked()
class Purpose(Record):
    """What personal data are used for with a person's consent, in words that are versioned."""

    ICON = "shield-check"
    OWN_FIELDS = False

    name = models.CharField(_("name"), max_length=80, unique=True)
    code = models.SlugField(_("code"), max_length=40, unique=True, help_text=_("For imports and programs."))
    months = models.PositiveSmallIntegerField(
        _("valid for months"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=_("Empty: until it is withdrawn."),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    objects = PurposeQuerySet.as_manager()

    class Meta:
        verbose_name = _("purpose of consent")
        verbose_name_plural = _("purposes of consent")
        ordering = ("name",)
        default_permissions = ("view", "add", "change")

    def __str__(self) -> str:
        return self.name

    @property
    def present_text(self) -> "PurposeText | None":
        """The words people agree to now."""
        return self.texts.order_by("-version").first()


class PurposeText(models.Model):
    """One version of the words people agree to. Never changed: a consent points to what was read."""

    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="texts", verbose_name=_("purpose"))
    version = models.PositiveSmallIntegerField(_("version"))
    text_it = models.TextField(_("text in Italian"), max_length=5000)
    text_en = models.TextField(_("text in English"), max_length=5000, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("text of a purpose")
        verbose_name_plural = _("texts of purposes")
        ordering = ("-version",)
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["purpose", "version"], name="purposetext_version_is_unique")]
        triggers = [triggers.Undeletable(), triggers.Frozen(free=())]

    def __str__(self) -> str:
        return f"{self.purpose}, {self.label}"

    @property
    def label(self) -> str:
        return str(_("Version %(number)d") % {"number": self.version})

    @property
    def text(self) -> str:
        """The words in the reader's language."""
        return (self.text_en if get_language() == "en" else "") or self.text_it


class ConsentQuerySet(AboutRows, UnownedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """What people have said whose records the user may see."""
        from core.privacy.registry import person_models

        rows = super().visible_to(user)
        if rows.query.is_empty():
            return rows
        seen = Q(pk__in=[])
        for model in person_models():
            kind = ContentType.objects.get_for_model(model)
            # Looked up row by row: of "exists", PostgreSQL makes a list of everybody, also for one page of the register.
            person = model.objects.visible_to(user).filter(pk=OuterRef("subject_id")).order_by().values("pk")[:1]
            seen |= Q(subject_type=kind, subject_id=Subquery(person))
        return rows.filter(seen)

    def about(self, subject: models.Model) -> Any:
        """What one person has said, the latest word first."""
        return super().about(subject).order_by("-at", "-pk")


class Consent(About):
    """A person's yes or no to a purpose, with its proof. Append-only; the one that was said last counts."""

    class Source(models.TextChoices):
        FORM = "form", _("Web form")
        LINK = "link", _("Link in a message")
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone call")
        PAPER = "paper", _("On paper")
        EVENT = "event", _("Trade fair or event")
        IMPORT = "import", _("Taken over from another system")
        OTHER = "other", _("Other")

    purpose = models.ForeignKey(Purpose, on_delete=models.PROTECT, related_name="consents", verbose_name=_("purpose"))
    text = models.ForeignKey(
        PurposeText,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("words agreed to"),
    )
    given = models.BooleanField(_("given"))
    at = models.DateTimeField(_("said on"))
    source = models.CharField(_("how"), max_length=10, choices=Source.choices)
    #: The person's address when they said it: a no to an address is a no, whoever else has it.
    email = models.EmailField(_("e-mail"), blank=True)
    ip = models.GenericIPAddressField(_("IP address"), null=True, blank=True)
    evidence = models.TextField(_("evidence"), blank=True, max_length=2000)
    files = models.ManyToManyField(File, blank=True, related_name="+", verbose_name=_("files"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recorded by"),
    )
    recorded_name = models.CharField(_("recorded by"), max_length=200)
    recorded_at = models.DateTimeField(_("recorded"), default=timezone.now, editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        ordering = ("-at", "-pk")
        default_permissions = ("view", "add")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "purpose", "-at", "-id"], name="consent_of_subject"),
            models.Index(fields=["email", "purpose", "-at", "-id"], condition=~Q(email=""), name="consent_of_address"),
            models.Index(fields=["-at", "-id"], name="consent_newest"),
        ]
        triggers = [triggers.Undeletable(), triggers.Frozen(free=())]

    def __str__(self) -> str:
        word = _("given") if self.given else _("withdrawn")
        return f"{self.purpose}: {word}"


class Erasure(About):
    """That a person's data were erased, when, why, and what the law keeps: without a word about who it was."""

    class Reason(models.TextChoices):
        REQUEST = "request", _("The person asks for it (art. 17 GDPR)")
        WITHDRAWN = "withdrawn", _("The consent is withdrawn, and nothing else allows to keep them")
        RETENTION = "retention", _("The term for keeping them is over")
        UNLAWFUL = "unlawful", _("They should not have been collected")

    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    #: What was done, per kind: {"kind", "gone", "blotted"}; and what stays: {"kind", "name", "law", "until"}.
    done = models.JSONField(_("erased"), default=list, encoder=DjangoJSONEncoder)
    kept = models.JSONField(_("kept"), default=list, encoder=DjangoJSONEncoder)
    review_on = models.DateField(_("the law keeps less from"), null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    by_name = models.CharField(_("by"), max_length=200)
    at = models.DateTimeField(_("at"), default=timezone.now)

    objects = UnownedQuerySet.as_manager()

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ("-at", "-pk")
        default_permissions = ("view",)
        permissions = [
            ("export_person", _("Can export everything about a person")),
            ("erase_person", _("Can erase a person's data")),
        ]
        indexes = [
            models.Index(fields=["subject_type", "subject_id"], name="erasure_of_subject"),
            models.Index(fields=["review_on"], condition=Q(review_on__isnull=False), name="erasure_to_review"),
        ]
        triggers = [triggers.Undeletable(), triggers.Frozen(free=("review_on",))]

    def __str__(self) -> str:
        return f"{self.subject_type} #{self.subject_id}"


class DataAccess(models.Model):
    """That somebody looked at, gave out or erased the data of a person, or of a list of people. Append-only."""

    class Act(models.TextChoices):
        OPENED = "opened", pgettext_lazy("access", "Opened")
        PROGRAM = "program", _("Read by a program")
        LISTED = "listed", _("List given out as a file")
        EXPORTED = "exported", _("Everything given out")
        ERASED = "erased", pgettext_lazy("access", "Erased")

    at = models.DateTimeField(_("at"), default=timezone.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    user_name = models.CharField(_("who"), max_length=200)
    act = models.CharField(_("what"), max_length=10, choices=Act.choices)
    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+", editable=False)
    #: Empty where it was a whole list.
    subject_id = models.BigIntegerField(null=True, editable=False)
    subject = GenericForeignKey("subject_type", "subject_id")
    detail = models.CharField(_("how"), max_length=300, blank=True)
    ip = models.GenericIPAddressField(_("IP address"), null=True)

    objects = UnownedQuerySet.as_manager()

    class Meta:
        verbose_name = _("access to personal data")
        verbose_name_plural = _("accesses to personal data")
        ordering = ("-at", "-pk")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["-at", "-id"], name="dataaccess_newest"),
            models.Index(fields=["subject_type", "subject_id", "-at"], name="dataaccess_of_subject"),
            models.Index(fields=["user", "-at"], name="dataaccess_of_user"),
        ]
        triggers = [triggers.Undeletable(), triggers.Frozen(free=())]

    def __str__(self) -> str:
        return f"{self.user_name}: {self.act}"


@tracked()
class RetentionRule(models.Model):
    """For how many months after the last act a kind of data is kept; which kinds there are is declared in code."""

    kind = models.SlugField(_("what"), max_length=40, unique=True)
    months = models.PositiveSmallIntegerField(
        _("months after the last act"), validators=[MinValueValidator(1), MaxValueValidator(240)]
    )
    is_active = models.BooleanField(_("in force"), default=False)

    class Meta:
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return self.kind


class RetentionRun(models.Model):
    """What a rule has done on one occasion."""

    kind = models.SlugField(_("what"), max_length=40)
    at = models.DateTimeField(_("at"), default=timezone.now)
    months = models.PositiveSmallIntegerField(_("months"))
    done = models.PositiveIntegerField(_("erased"))
    failed = models.PositiveIntegerField(_("failed"), default=0)

    class Meta:
        verbose_name = _("run of a retention rule")
        verbose_name_plural = _("runs of retention rules")
        default_permissions = ()
        ordering = ("-at", "-pk")
        indexes = [models.Index(fields=["kind", "-at"], name="retentionrun_of_kind")]
        triggers = [triggers.Undeletable(), triggers.Frozen(free=())]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"

"""E-mails on the record, sent and received, and the templates they are written from."""

from typing import Any, Self

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import letters
from core.access import Job, RecordQuerySet, UnownedQuerySet
from core.fulltext import OneOf, search_index, word_index
from core.history import tracked
from core.models import Delivery, File, Record
from core.models.subjects import AboutRows, ForKind, ForKindRows
from parties.models import Language

#: Characters of a mail's text that are kept, and those that are searched: PostgreSQL's index of one row has a limit.
LONGEST, SEARCHED = 200_000, 20_000
ADDRESS = 254
BEGINNING: Any = Left("text", SEARCHED)


class MailTemplateQuerySet(ForKindRows, UnownedQuerySet):
    """Templates are everybody's."""


@tracked()
class MailTemplate(ForKind, Record):
    """A text with placeholders, in one language or both."""

    ICON = "template"

    name = models.CharField(_("name"), max_length=80, unique=True)
    title_it = models.CharField(_("subject in Italian"), max_length=200, blank=True)
    text_it = models.TextField(_("text in Italian"), max_length=10_000, blank=True)
    title_en = models.CharField(_("subject in English"), max_length=200, blank=True)
    text_en = models.TextField(_("text in English"), max_length=10_000, blank=True)

    objects = MailTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("e-mail template")
        verbose_name_plural = _("e-mail templates")
        ordering = ("name",)
        default_permissions = ("view", "add", "change")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """One language at least is whole, and every placeholder is one of this kind of record."""
        errors: dict[str, Any] = {}
        whole = [code for code in Language.values if self._of("title", code) and self._of("text", code)]
        if not whole:
            errors["title_it"] = gettext("Write subject and text in one language at least.")
        model = self.subject_type.model_class() if self.subject_type else None
        for name in ("title_it", "text_it", "title_en", "text_en"):
            if wrong := letters.unknown(getattr(self, name), model):
                errors[name] = gettext("Unknown placeholders: %(names)s") % {"names": ", ".join(wrong[:5])}
        for code in Language.values:
            if code not in whole and (self._of("title", code) or self._of("text", code)):
                errors.setdefault(f"text_{code}", gettext("A language has both a subject and a text, or neither."))
        if errors:
            raise ValidationError(errors)

    @property
    def kind(self) -> str:
        """What it is for, in words."""
        model = self.subject_type.model_class() if self.subject_type else None
        return str(capfirst(model._meta.verbose_name)) if model else gettext("Every kind of record")

    def _of(self, what: str, code: str) -> str:
        return str(getattr(self, f"{what}_{code}"))

    def in_language(self, code: str) -> tuple[str, str, str]:
        """(subject, text, language): those of the language wanted, else of the other one."""
        codes = [code, *(other for other in Language.values if other != code)]
        found = next((c for c in codes if c in Language.values and self._of("title", c)), "it")
        return self._of("title", found), self._of("text", found), found


class EmailQuerySet(AboutRows, RecordQuerySet):
    def visible_to(self, user: Any) -> Self:
        """One's own and those one was sent; all, or those without a record, by right. A private one is its people's alone.

        Those about a record are also shown on its page to whoever sees the record: see `open_to`.
        """
        if isinstance(user, Job):
            return self
        if not user.is_active or not user.has_perm("activities.view_email"):
            return self.none()
        seen = self._of_person(user)
        if user.has_perm("activities.see_all_email"):
            seen |= Q(private=False)
        elif user.has_perm("activities.attach_email"):
            seen |= Q(private=False, subject_type=None)
        return self.filter(seen)

    def open_to(self, user: Any) -> Self:
        """Of e-mails about a record that the user sees: all but the private ones of others."""
        return self.filter(Q(private=False) | self._of_person(user))

    @staticmethod
    def _of_person(user: Any) -> Q:
        # As an array: both halves are found by an index, however common the words are that are looked for besides.
        read = Email.readers.through.objects.filter(user_id=user.pk).values("email_id")
        return Q(owner_id=user.pk) | Q(OneOf(F("pk"), ArraySubquery(read)))


class Email(Record):
    """An e-mail as it was sent or received: plain text only. `text` is the whole of it, `title` its subject line."""

    ICON = "mail"
    INTERNAL_FIELDS = ("message_id", "in_reply_to", "references", "subject_type", "subject_id", "refused")

    class Direction(models.TextChoices):
        OUT = "out", pgettext_lazy("e-mail", "Sent")
        IN = "in", pgettext_lazy("e-mail", "Received")

    direction = models.CharField(_("direction"), max_length=3, choices=Direction.choices)
    subject_type = models.ForeignKey(
        ContentType, on_delete=models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    subject_id = models.BigIntegerField(null=True, blank=True, editable=False)
    subject = GenericForeignKey("subject_type", "subject_id")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("owner")
    )
    readers = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("readers"))
    private = models.BooleanField(_("private"), default=False)
    title = models.CharField(_("subject"), max_length=300, blank=True)
    text = models.TextField(_("text"), blank=True, max_length=LONGEST)
    sender = models.CharField(pgettext_lazy("address", "from"), max_length=ADDRESS, blank=True)
    sender_name = models.CharField(_("sender's name"), max_length=200, blank=True)
    to = ArrayField(models.CharField(max_length=ADDRESS), verbose_name=pgettext_lazy("address", "to"), default=list)
    cc = ArrayField(models.CharField(max_length=ADDRESS), verbose_name=_("copy to"), default=list, blank=True)
    message_id = models.CharField(max_length=250, unique=True, editable=False)
    in_reply_to = models.CharField(max_length=250, blank=True, editable=False)
    references = ArrayField(models.CharField(max_length=250), default=list, blank=True, editable=False)
    #: Written by a machine: an absence note, a bounce. Nobody is called to it.
    automatic = models.BooleanField(_("automatic"), default=False)
    files = models.ManyToManyField(File, blank=True, related_name="+", verbose_name=_("files"))
    #: Attachments that were not kept: [name, why].
    refused = models.JSONField(default=list, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ITALIAN)
    template = models.ForeignKey(
        MailTemplate, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("template")
    )
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, null=True, editable=False, related_name="+")
    sent_at = models.DateTimeField(_("date"), default=timezone.now)
    search = search_index("sender_name", "sender", text=("title", BEGINNING))

    objects = EmailQuerySet.as_manager()

    class Meta:
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        ordering = ("-sent_at", "-pk")
        default_permissions = ("view", "add")
        permissions = [("attach_email", _("Can see e-mails without a record, and put them on one"))]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "-sent_at"], name="email_of_subject"),
            models.Index(fields=["owner", "-sent_at", "-id"], name="email_of_owner"),
            models.Index(fields=["-sent_at", "-id"], name="email_newest"),
            models.Index(fields=["-sent_at", "-id"], condition=Q(subject_type=None), name="email_without_record"),
            word_index(name="email_search"),
        ]

    def __str__(self) -> str:
        """Where an e-mail is named among other things, a private one does not tell what it says."""
        return gettext("Private e-mail") if self.private else self.title or gettext("E-mail without a subject")

    @property
    def is_incoming(self) -> bool:
        return self.direction == self.Direction.IN

    @property
    def from_whom(self) -> str:
        return self.sender_name or self.sender

    def concerns(self, user: Any) -> bool:
        """Whether this user is one of its people: who wrote it here, or got it."""
        return self.owner_id == user.pk or self.readers.filter(pk=user.pk).exists()

    def as_message(self) -> Any:
        """The message that goes out."""
        from activities.mail import letter

        return letter.message_of(self)

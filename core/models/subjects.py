"""What is said of any record, and what is meant for records of one kind."""

from typing import Any

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class AboutRows:
    """For querysets of rows with a `subject`."""

    filter: Any

    def about(self, subject: models.Model) -> Any:
        """What is about one record."""
        kind = ContentType.objects.get_for_model(subject)
        return self.filter(subject_type=kind, subject_id=subject.pk)


class About(models.Model):
    """Something said of any record."""

    subject_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+", editable=False)
    subject_id = models.BigIntegerField(editable=False)
    subject = GenericForeignKey("subject_type", "subject_id")

    class Meta:
        abstract = True


class ForKindRows:
    """For querysets of `ForKind`."""

    filter: Any

    def fitting(self, subject: models.Model) -> Any:
        """Those in use for this kind of record, or for every kind."""
        kind = ContentType.objects.get_for_model(subject)
        return self.filter(Q(subject_type=None) | Q(subject_type=kind), is_active=True)


class ForKind(models.Model):
    """Something to choose on the page of a record: of one kind, or of every kind."""

    subject_type = models.ForeignKey(
        ContentType,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("only for"),
        help_text=_("Empty: for every kind of record."),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        abstract = True


class ForKindQuerySet(ForKindRows, models.QuerySet[Any]):
    """What is nothing but meant for a kind of record."""

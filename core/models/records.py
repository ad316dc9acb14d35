"""What every record is: a page of its own, rows by rights, and perhaps a life cycle."""

from typing import Any

from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import lifecycle, triggers
from core.access import RecordQuerySet
from core.lifecycle import Step


def search_index(*fields: str) -> models.GeneratedField:
    """A tsvector kept by the database over the given columns: names and numbers as they are, no stemming."""
    return models.GeneratedField(
        expression=SearchVector(*fields, config="simple"), output_field=SearchVectorField(), db_persist=True
    )


class Record(models.Model):
    """Anything with a page of its own. Rows are fetched through `objects.visible_to(user)`."""

    #: Name of the icon (Tabler), fields only those may see who may see costs, and fields that are no column for people.
    ICON = "file"
    COST_FIELDS: tuple[str, ...] = ()
    INTERNAL_FIELDS: tuple[str, ...] = ()

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

"""What every record is: a page of its own, rows by rights, and perhaps a life cycle."""

from contextvars import ContextVar
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.signals import class_prepared
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import fulltext, lifecycle, triggers
from core.access import RecordQuerySet
from core.addresses import of_record
from core.lifecycle import Step

#: What administrators' fields were answered with, for the next new record of a kind: whatever service makes it, it is born
#: with them (`core.fields.forms.born_with`).
at_birth: ContextVar[tuple[Any, dict[str, Any]] | None] = ContextVar("at_birth", default=None)


class Record(models.Model):
    """Anything with a page of its own. Rows are fetched through `objects.visible_to(user)`."""

    #: Name of the icon (Tabler), fields only those may see who may see costs, and fields that are no column for people.
    ICON = "file"
    COST_FIELDS: tuple[str, ...] = ()
    INTERNAL_FIELDS: tuple[str, ...] = ()
    #: Whether administrators may add fields to this kind, and people tags to its rows.
    OWN_FIELDS = True
    #: Whether two of them may turn out to be one (see core/merging/): frozen documents then follow the one that stays.
    MERGEABLE = False

    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True, editable=False)
    #: Values of the fields that administrators have defined (`core.fields`): name -> value as JSON keeps it.
    custom = models.JSONField(_("custom fields"), default=dict, blank=True, editable=False)
    tags = ArrayField(models.CharField(max_length=40), verbose_name=_("tags"), default=list, blank=True, editable=False)

    objects = RecordQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding and (given := at_birth.get()) and given[0] is type(self):
            self.custom, self.tags = self.custom | given[1].get("custom", {}), given[1].get("tags", self.tags)
            at_birth.set(None)
        super().save(*args, **kwargs)

    @classmethod
    def url_name(cls, page: str) -> str:
        return f"{cls._meta.app_label}:{cls._meta.model_name}_{page}"

    def get_absolute_url(self) -> str:
        return reverse(self.url_name("detail"), args=[self.pk])

    def page_url(self) -> str:
        """The address of the record's page, or "" where its kind has none."""
        return self.page_of(self.pk)

    @classmethod
    def page_of(cls, pk: int) -> str:
        """The address of the page of the record with this id, or "" where its kind has none."""
        return of_record(cls.url_name("detail"), pk)

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


@receiver(class_prepared)
def _index_own_fields(sender: Any, **_signal: Any) -> None:
    """Rows with values of one's own, or tags, are found by an index that holds no others: the many without cost nothing."""
    if not issubclass(sender, Record) or not sender.OWN_FIELDS:
        return
    name, options = sender._meta.model_name, sender._meta
    options.indexes += [
        GinIndex(
            fields=["custom"], name=f"{name}_custom", condition=~Q(custom={}), opclasses=["jsonb_path_ops"],
            gin_pending_list_limit=fulltext.PENDING,
        ),
        GinIndex(fields=["tags"], name=f"{name}_tags", condition=~Q(tags=[]), gin_pending_list_limit=fulltext.PENDING),
    ]  # fmt: skip
    options.original_attrs["indexes"] = options.indexes

"""Why leads and deals come to nothing: rows that managers keep. The first ones are ours, in every language."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from django.utils.translation import gettext_lazy as _

from core.access import UnownedQuerySet
from core.history import tracked
from core.models import Record
from core.remembered import Remembered, changed

OTHER = "other"
#: The reasons a new house begins with.
FIRST: dict[str, Any] = {
    "price": _("Price too high"),
    "competitor": _("Chose a competitor"),
    "no_budget": _("No budget"),
    "no_need": _("No need"),
    "timing": _("Not now"),
    "unreachable": _("Cannot be reached"),
    "duplicate": _("Duplicate"),
    OTHER: _("Other"),
}


def _read() -> dict[str, tuple[str, bool]]:
    rows = LostReason.objects.using(DEFAULT_DB_ALIAS).order_by("position", "pk")
    return {row.code: (row.label, row.active) for row in rows}


_known = Remembered(_read)


def choices() -> list[tuple[str, Any]]:
    """Every reason there has been, with its present label: what is shown and filtered."""
    return [(code, label or FIRST.get(code, code)) for code, (label, _active) in _known().items()]


def offered() -> list[tuple[str, Any]]:
    """The reasons in use: what one may choose now."""
    known = _known()
    return [(code, label) for code, label in choices() if known[code][1]]


class LostReasonField(models.CharField):
    """The code of a reason; empty where nothing is lost. The database knows nothing of which there are."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs = {"max_length": 20, "blank": True, "editable": False, **kwargs, "choices": choices}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        return name, "django.db.models.CharField", args, kwargs

    def _check_choices(self) -> list[Any]:
        return []  # they are rows: read when somebody asks, not when the code is checked


@tracked()
class LostReason(Record):
    """One reason. What is lost keeps its `code`, so that another label is another word for the same thing."""

    ICON = "mood-sad"
    OWN_FIELDS = False

    code = LostReasonField(_("reason"), unique=True)
    label = models.CharField(_("label"), max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("active"), default=True)

    objects = UnownedQuerySet.as_manager()

    class Meta:
        verbose_name = _("reason for losing")
        verbose_name_plural = _("reasons for losing")
        ordering = ("position", "pk")
        default_permissions = ("add", "change", "view")

    def __str__(self) -> str:
        return self.label or str(FIRST.get(self.code, self.code))


_known.of(LostReason)


class Losable:
    """What leads and deals share: a reason is a code."""

    def reason_in_words(self, code: str) -> str:
        return str(dict(choices()).get(code, code))


def make_first(using: str = DEFAULT_DB_ALIAS, **_signal: Any) -> None:
    """After a migration: a house without any reason gets the first ones."""
    rows = LostReason.objects.using(using)
    if not rows.exists():
        rows.bulk_create([LostReason(code=code, position=place) for place, code in enumerate(FIRST)])
        changed()

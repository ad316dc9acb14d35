"""Two records side by side, and what a merge made of them, in the reader's words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from core import merging, ui
from core.fields import values
from core.fields.definitions import everything
from core.merging.choices import ABSORB, BOTH, KEEP, Choice
from core.merging.registry import kind_of
from core.models import Merge
from core.pages.details import attribute
from core.references import references_to


def rows_of(
    keep: Any, absorb: Any, choices: list[Choice], chosen: Mapping[str, str], errors: dict[str, list[str]]
) -> list[dict[str, Any]]:
    """One line per field to choose in: what each of the two has, as people read it."""
    found = []
    for choice in choices:
        own: dict[str, Any] = {
            "label": _label(choice),
            "name": choice.name,
            "errors": errors.get(choice.field.name, []),
        }
        wanted = chosen.get(choice.name, choice.preset)
        texts = {KEEP: _shown(keep, choice, choice.kept), ABSORB: _shown(absorb, choice, choice.absorbed)}
        texts[BOTH] = _("Both texts, one below the other")
        own["options"] = [(option, texts[option], option == wanted) for option in choice.options]
        found.append(own)
    return found


def _label(choice: Choice) -> str:
    if choice.key:
        defined = _defined(choice)
        return str(defined.label) if defined else choice.key
    name = str(choice.field.verbose_name)
    return name[:1].upper() + name[1:]


def _defined(choice: Choice) -> Any:
    """The field that administrators have defined for this key, if they have."""
    if choice.field.name != "custom":
        return None
    return next((made for made in everything(choice.field.model) if made.name == choice.key), None)


def _shown(record: Any, choice: Choice, value: Any) -> Any:
    if choice.key:
        defined = _defined(choice)
        return ui.show(values.shown(defined.kind, value) if defined else str(value or "")[:300])
    if value is None:
        return ui.show(None)
    kind = kind_of(record)
    name = kind.shown.get(choice.field.name, choice.field.name) if kind else choice.field.name
    return attribute(record, name).value


def told(merge: Merge, user: Any) -> list[tuple[str, Any, Any, Any]]:
    """(field, the one that stayed, the one that was taken in, what it became) where the two differed."""
    if not merge.kept:
        return []
    from core.merging.rows import as_record

    one, other, became = (as_record(merge.model, merge.kept[name]) for name in ("before", "absorbed", "after"))
    choices = merging.differences(one, other, user)
    found = []
    for choice in choices:
        whole = getattr(became, choice.field.attname)
        now = (whole or {}).get(choice.key) if choice.key else whole
        shown = (_shown(one, choice, choice.kept), _shown(other, choice, choice.absorbed), _shown(became, choice, now))
        found.append((_label(choice), *shown))
    return found


def moved(merge: Merge) -> list[tuple[str, int]]:
    """What followed, by name."""
    found: dict[str, int] = {}
    for reference in references_to(merge.model):
        if ids := merge.moved.get(reference.name):
            name = str(reference.model._meta.verbose_name_plural)
            found[name] = found.get(name, 0) + len(ids)
    return sorted((name[:1].upper() + name[1:], n) for name, n in found.items())

"""What the learnt score may look at: a lead's own fields, what came along with it, and the fields administrators have added.

The same reading serves learning, from the versions history keeps, and scoring, from the leads themselves. There are no days in
it: what a day was like says nothing of days to come. What is decided only later (owner, state, outcome) is not in it either.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.fields.definitions import definitions
from leads import further
from leads.models import Lead
from leads.scoring.learning import columns, fields, values
from leads.scoring.learning.fields import Field

#: Our own fields, and how each is read.
KINDS = {
    "source": fields.CHOICE, "province": fields.CHOICE, "country": fields.CHOICE, "language": fields.CHOICE,
    "campaign": fields.CHOICE, "fit": fields.CHOICE, "interest": fields.WORDS, "job_title": fields.WORDS,
    "need": fields.WORDS, "message": fields.WORDS, "email": fields.DOMAIN, "phone": fields.FILLED,
    "vat_number": fields.FILLED, "company_name": fields.FILLED, "website": fields.FILLED, "authority": fields.FILLED,
    "budget": fields.NUMBER, "days_to_decision": fields.NUMBER,
}  # fmt: skip
FURTHER, OWN = "attributes.", "custom."
#: Of what forms and imports bring along, only what is frequent takes part.
_MOST_FURTHER, _OFTEN = 60, 0.05
_OWN_KINDS = {"number": fields.NUMBER, "choice": fields.CHOICE, "bool": fields.CHOICE}


def values_of(lead: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs of a lead, by name, of its columns as the database gives them."""
    found = {name: lead.get(name) for name in KINDS if name != "days_to_decision"}
    found["days_to_decision"] = _days(lead)
    for prefix, name in ((FURTHER, "attributes"), (OWN, "custom")):
        more = lead.get(name)
        if isinstance(more, dict):
            found.update((prefix + key, value) for key, value in more.items())
    return found


def _days(lead: Mapping[str, Any]) -> int | None:
    """From the day the lead came in to the day they decide: the span, not the date."""
    by, created = lead.get("decision_by"), lead.get("created_at")
    return (by - timezone.localtime(created).date()).days if by and created else None


def fields_of(rows: Sequence[Mapping[str, Any]]) -> list[Field]:
    """The fields that take part, with levels as they occur in these inputs."""
    made = [_field(name, kind, [row.get(name) for row in rows]) for name, kind in KINDS.items()]
    for definition in definitions(Lead):
        name = OWN + definition.name
        column = [row.get(name) for row in rows]
        if definition.kind == "text":
            made.append(_read(name, column))
        elif definition.kind in _OWN_KINDS:
            made.append(_field(name, _OWN_KINDS[definition.kind], column))
    made += [_read(name, [row.get(name) for row in rows]) for name in _frequent(rows)]
    return [f for f in made if f is not None]


def _frequent(rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    counted = Counter(
        name for row in rows for name, value in row.items() if name.startswith(FURTHER) and value not in (None, "")
    )
    return [name for name, n in counted.most_common(_MOST_FURTHER) if n >= _OFTEN * len(rows)]


def _field(name: str, kind: str, column: Sequence[Any]) -> Field | None:
    """None where every row says the same."""
    if kind == fields.NUMBER:
        found = [number for number in map(values.number, column) if number is not None]
        return fields.number_field(name, found) if len(set(found)) > 1 else None
    if kind == fields.FILLED:
        return Field(name, kind) if len({bool(values.level(value)) for value in column}) > 1 else None
    read = values.domain if kind == fields.DOMAIN else values.level
    levels = [read(value) for value in column]
    return fields.level_field(name, kind, levels) if len(set(levels)) > 1 else None


def _read(name: str, column: Sequence[Any]) -> Field | None:
    """What is not ours is judged by what is written in it."""
    found = columns.field_of(name, ["" if value is None else str(value) for value in column])
    return found if isinstance(found, Field) else None


def label(name: str) -> Any:
    """What people call an input."""
    if name == "days_to_decision":
        return _("Days to the decision")
    if name.startswith(OWN):
        known = {definition.name: definition.label for definition in definitions(Lead)}
        return known.get(name.removeprefix(OWN), name.removeprefix(OWN))
    if name.startswith(FURTHER):
        return further.label(name.removeprefix(FURTHER))
    own: Any = Lead._meta.get_field(name)
    text = str(own.verbose_name)
    return text[:1].upper() + text[1:]

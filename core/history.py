"""What happened: one append-only event row per act, and field-level edits kept by database triggers."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pghistory
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, formats

#: Sentences for events that no verb declares ("quote.drafted": "drafted the quote").
_sentences: dict[str, Any] = {
    "created": gettext_lazy("created"),
    "imported": gettext_lazy("took it over from another system"),
    "merged": gettext_lazy("merged “%(name)s” into this record"),
    "parted": gettext_lazy("undid the merge with “%(name)s”"),
    "restored": gettext_lazy("brought this record back: its merge into “%(name)s” was undone"),
}
#: Pages that tell more of an event: functions `(event) -> address`, by the last part of its name.
_pages: dict[str, Callable[[Any], str]] = {}
#: Other apps' contributions to a record's timeline: functions `(record, user) -> Iterable[Entry]`.
_sources: list[Callable[[Any, Any], Iterable["Entry"]]] = []

#: Never snapshot what the database computes, and what changes without meaning.
NOT_TRACKED = ("search", "updated_at")


@dataclass
class Entry:
    """One line of a timeline. `kind` is act, edit, note, call, mail, file...; `details` are (label, old, new)."""

    at: datetime
    who: str
    kind: str
    text: Any
    details: list[tuple[Any, str, str]] = field(default_factory=list)
    body: str = ""
    url: str = ""
    icon: str = "point"
    move: tuple[Any, Any] | None = None  # from state, to state


def register(name: str, sentence: Any) -> None:
    """Give the translated sentence of an event that no verb declares."""
    _sentences[name] = sentence


def register_page(name: str, address: Callable[[Any], str]) -> None:
    """Let the timeline's line of an event ("merged") lead to a page."""
    _pages[name] = address


def sentences() -> list[str]:
    """The names of events that no verb declares."""
    return list(_sentences)


def register_source(source: Callable[[Any, Any], Iterable[Entry]]) -> None:
    """Let an app add its entries (notes, mails, calls) to every record's timeline."""
    if source not in _sources:
        _sources.append(source)


def tracked(*, exclude: Iterable[str] = ()) -> Callable[[type[models.Model]], type[models.Model]]:
    """Class decorator: keep every version of a row, written by triggers, so that no code path can forget it."""

    def decorate(model: type[models.Model]) -> type[models.Model]:
        names = {f.name for f in model._meta.fields}
        left_out = [*(n for n in NOT_TRACKED if n in names), *exclude]
        trackers = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
        return pghistory.track(*trackers, exclude=left_out, append_only=True, context_id_field=None)(model)  # type: ignore[arg-type]

    return decorate


@contextmanager
def acting(by: access.Actor) -> Iterator[None]:
    """Name the actor in every edit made inside the block, jobs and customers included."""
    user = access.user_of(by)
    with pghistory.context(actor=access.name_of(by), user=user.pk if user else None):
        yield


def record(
    name: str,
    subject: models.Model,
    *,
    by: access.Actor,
    source: str = "",
    target: str = "",
    data: dict[str, Any] | None = None,
) -> Any:
    """Write one event; call it inside the transaction of the act. Returns the `core.Event`."""
    event = build(name, subject, by=by, source=source, target=target, data=data)
    event.save(force_insert=True)
    return event


def build(
    name: str,
    subject: models.Model,
    *,
    by: access.Actor,
    source: str = "",
    target: str = "",
    data: dict[str, Any] | None = None,
) -> Any:
    """An event that is not written yet, for those who write many at once inside the transaction of the act."""
    from core import outbox
    from core.models import Event

    user = access.user_of(by)
    event = Event(
        actor_id=user.pk if user else None,
        actor_name=access.name_of(by)[:200],
        name=name,
        subject_type=ContentType.objects.get_for_model(subject),
        subject_id=subject.pk,
        thread_id=getattr(subject, "thread_id", None),
        source=source,
        target=target,
        data={key: _plain(value) for key, value in (data or {}).items()},
    )
    outbox.stamp(event)
    return event


def _plain(value: Any) -> Any:
    """Facts as JSON keeps them: records by name, files left out, the rest by the model's encoder."""
    if isinstance(value, models.Model):
        return str(value)
    if isinstance(value, list | tuple | models.QuerySet):
        return [_plain(item) for item in value]
    if isinstance(value, bytes) or hasattr(value, "read"):
        return "…"
    return str(value) if value.__class__.__module__.startswith(("djmoney", "moneyed")) else value


def sentence(name: str, model: type[models.Model] | None = None, facts: dict[str, Any] | None = None) -> str:
    """The translated sentence of an event: the verb's `past`, or a registered one, which may name facts: "%(name)s"."""
    text = _sentence(name, model)
    return text % defaultdict(str, facts or {}) if "%(" in text else text


def _sentence(name: str, model: type[models.Model] | None) -> str:
    from core.lifecycle import verbs

    if name in _sentences:
        return str(_sentences[name])
    event = name.partition(".")[2]
    for verb in verbs(model).values() if model else ():
        if verb.event == event:
            return str(verb.past)
    return str(_sentences.get(event, event.replace("_", " ")))


def timeline(subject: Any, user: Any, *, kinds: Iterable[str] = (), limit: int = 100) -> list[Entry]:
    """Acts, edits and what other apps add (notes, calls, mails), newest first, in one stream."""
    wanted = set(kinds)
    acts = list(_acts(subject, limit)) if not wanted or "act" in wanted else []
    edits: list[Entry] = []
    if (not wanted or "edit" in wanted) and hasattr(subject, "pgh_event_model"):
        edits = list(_edits(subject, user, limit))
    entries = acts + _told_by_acts(edits, acts)
    for source in _sources:
        entries += [entry for entry in source(subject, user) if not wanted or entry.kind in wanted]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)[:limit]


def _told_by_acts(edits: list[Entry], acts: list[Entry]) -> list[Entry]:
    """What an act itself has changed stands under the act; returns the edits that people made."""
    waiting: dict[Any, list[Entry]] = {}
    for act in reversed(acts):
        waiting.setdefault(act.move, []).append(act)
    left = []
    for edit in edits:
        if edit.move and (of_this_move := waiting.get(edit.move)):
            of_this_move.pop().details = edit.details
        elif edit.details:
            left.append(edit)
    return left


def _acts(subject: models.Model, limit: int) -> Iterator[Entry]:
    from core.models import Event

    for event in Event.objects.about(subject)[:limit]:
        note = _note(subject, event.data)
        text = sentence(event.name, type(subject), event.data)
        move = (event.source, event.target)
        page = _pages.get(event.name.rpartition(".")[2])
        url = page(event) if page else ""
        yield Entry(event.at, event.actor_name, "act", text, body=str(note), url=url, icon="player-play", move=move)


def _note(subject: Any, data: dict[str, Any]) -> str:
    """What was said with an act. A reason may be a code that only its kind of record can put in words."""
    reason = str(data.get("reason") or "")
    words = subject.reason_in_words(reason) if reason and hasattr(subject, "reason_in_words") else reason
    return ": ".join(filter(None, (words, str(data.get("note") or ""))))


def _edits(subject: Any, user: Any, limit: int) -> Iterator[Entry]:
    """Differences between consecutive versions; state changes are told by acts, costs only to those who may see them."""
    hidden = {"state", "thread_id"}
    if not access.can_see_costs(user):
        hidden |= set(getattr(subject, "COST_FIELDS", ()))
    versions = list(subject.pgh_event_model.objects.filter(pgh_obj_id=subject.pk).order_by("-pgh_id")[: limit + 1])
    names: dict[tuple[str, Any], str] = {}
    for new, old in itertools.pairwise(versions):
        details = list(_differences(subject, old, new, hidden, names))
        states = getattr(old, "state", None), getattr(new, "state", None)
        move = states if states[0] != states[1] else None
        if details or move:
            who = (new.pgh_context or {}).get("actor") or _("unknown")
            yield Entry(new.pgh_created_at, str(who), "edit", str(_("edited")), details, icon="pencil", move=move)


def _differences(
    subject: Any, old: Any, new: Any, hidden: set[str], names: dict[tuple[str, Any], str]
) -> Iterator[tuple[str, str, str]]:
    for column in subject._meta.concrete_fields:
        if column.name in hidden or column.attname in hidden or not hasattr(new, column.attname):
            continue
        before, after = getattr(old, column.attname), getattr(new, column.attname)
        if column.name == "custom":
            from core.fields import showing

            yield from showing.differences(type(subject), before, after)
        elif before != after:
            yield str(column.verbose_name), _shown(column, before, names), _shown(column, after, names)


def _shown(column: Any, value: Any, names: dict[tuple[str, Any], str]) -> str:
    """A value as people read it; `names` keeps the looked-up names of related records, one query each."""
    if value in (None, ""):
        return "—"
    if column.is_relation:
        key = (column.name, value)
        if key not in names:
            names[key] = _name_of(column.related_model, value)
        return names[key]
    if isinstance(value, list | dict):
        texts = [f"{key}: {part}" for key, part in value.items()] if isinstance(value, dict) else map(str, value)
        return ", ".join(texts) or "—"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, datetime):
        return formats.datetime(value)
    if isinstance(value, date):
        return formats.date(value)
    if hasattr(value, "amount"):
        return formats.money(value)
    if isinstance(value, Decimal):
        return formats.number(value)
    return str(dict(column.flatchoices).get(value, value))


def _name_of(model: Any, pk: int) -> str:
    """What a record is called; what it was called, if it is part of another one now."""
    from core.models import Merge

    if found := model._base_manager.filter(pk=pk).first():
        return str(found)
    names = Merge.objects.filter(kind=model._meta.label_lower, absorbed_id=pk, undone_at=None)
    return names.values_list("absorbed_name", flat=True).first() or f"#{pk}"

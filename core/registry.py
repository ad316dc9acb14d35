"""What upper rooms tell lower ones: hand-overs shown on a record's toolbar, and the stages of the thread bar.

The lower room shows what is registered here without importing the upper one; `zencrm.apps` registers everything.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.urls import reverse

from core.lifecycle import Reason, Step, Verb, verbs, why_not


@dataclass(frozen=True)
class Handover:
    """A step that creates the next document, offered on the page of the one before it.

    `verb`, if given, is the source's own verb that the receiver performs: its state, conditions and right apply too.
    `ready(record)` gives reasons against; `states` are the source's states in which the step is offered.
    """

    source: type[models.Model]
    name: str
    label: Any
    url_name: str
    permission: str
    states: tuple[str, ...] = ()
    verb: str = ""
    ready: Callable[[Any], list[Reason]] | None = None
    tone: str = "primary"


@dataclass(frozen=True)
class Stage:
    """One step of the thread bar. `number` and `at` are column names; `at` dates the step."""

    key: str
    label: Any
    model: type[models.Model]
    number: str = "number"
    icon: str = "point"


_handovers: dict[type[models.Model], list[Handover]] = {}
thread_stages: list[Stage] = []


def register_handover(handover: Handover) -> None:
    known = _handovers.setdefault(handover.source, [])
    if all(other.name != handover.name for other in known):
        known.append(handover)


def handovers_of(model: type[models.Model]) -> list[Handover]:
    """The hand-overs offered on the pages of a model."""
    return _handovers.get(model, [])


@dataclass(frozen=True)
class BulkAct(Verb):
    """What a list does to many rows and no button of one row does alike; `run(record, by=...)` does it to one of them."""

    run: Callable[..., Any] = lambda *_args, **_facts: None


_bulk: dict[type[models.Model], dict[str, BulkAct]] = {}


def register_bulk(model: type[models.Model], verb: str, run: Callable[..., Any]) -> None:
    """Let lists offer a verb that a hand-over performs: `run(record, by=...)` does for one row what its page would ask for."""
    _bulk.setdefault(model, {})[verb] = BulkAct(**{**vars(verbs(model)[verb]), "form": ""}, run=run)


def bulk_acts_of(model: type[models.Model]) -> dict[str, BulkAct]:
    return _bulk.get(model, {})


@dataclass(frozen=True)
class ListUse:
    """What can be made of a list as it is filtered: a form that gets the list's address, and `given` besides."""

    label: Any
    url_name: str
    permission: str
    icon: str
    given: tuple[str, str]

    @property
    def url(self) -> str:
        return reverse(self.url_name)


_uses: dict[type[models.Model], list[ListUse]] = {}


def register_use(model: type[models.Model], use: ListUse) -> None:
    known = _uses.setdefault(model, [])
    if use not in known:
        known.append(use)


def uses_of(model: type[models.Model], user: Any) -> list[ListUse]:
    """What this user can make of a list of the model."""
    return [use for use in _uses.get(model, ()) if user.has_perm(use.permission)]


def register_stages(*stages: Stage) -> None:
    thread_stages[:] = stages


def handover_steps(record: Any, user: Any) -> list[Step]:
    """Hand-overs this user may perform from this record's present state, with the reasons against each."""
    found = []
    for handover in _handovers.get(type(record), ()):
        verb = verbs(type(record))[handover.verb] if handover.verb else None
        states = handover.states or (verb.sources if verb else ())
        if states and record.state not in states:
            continue
        if verb and verb.fits is not None and not verb.fits(record):
            continue
        if not user.has_perm(handover.permission) or (verb and not user.has_perm(verb.permission)):
            continue
        reasons = why_not(record, verb, user) if verb else []
        reasons += handover.ready(record) if handover.ready else []
        url = reverse(handover.url_name, args=[record.pk])
        found.append(Step(handover.name, handover.label, url, handover.tone, reasons, form="handover"))
    return found


#: What roles (groups) are called, by name; the rooms above know.
role_labels: dict[str, Any] = {}


def role_label(name: str) -> str:
    return str(role_labels.get(name, name))

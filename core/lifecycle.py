"""One door for every change of state.

A verb is a method decorated with `@transition`; calling it as `quote.accept(by=user, **facts)` always re-reads the row under
a lock, checks right, edge and conditions, runs the body, validates, saves, and writes one event. Pages, admin, API, public
pages and jobs all call verbs; nobody assigns `state`. The same edges are compiled into a PostgreSQL trigger, so that raw SQL
cannot make an illegal move either.
"""

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any

import pgtrigger
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models.signals import class_prepared
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_fsm import RETURN_VALUE, FSMField, FSMFieldDescriptor
from django_fsm import transition as fsm_transition

from core import access, history

__all__ = ["RETURN_VALUE", "Reason", "Refused", "StateField", "Step", "Verb", "edges", "transition", "verbs"]


@dataclass(frozen=True)
class Reason:
    """Why a step is not possible now, in the user's language, and the page that mends it."""

    message: Any
    fix_url: str = ""

    def __str__(self) -> str:
        return str(self.message)


class Stale(Reason):
    """Somebody was faster: what was read is no longer what is there."""


class Refused(Exception):
    """A verb was refused; carries every reason at once. Nothing was changed."""

    def __init__(self, *reasons: Reason | str) -> None:
        self.reasons = [r if isinstance(r, Reason) else Reason(str(r)) for r in reasons]
        super().__init__("; ".join(str(r) for r in self.reasons))


Condition = Callable[..., Any]


@dataclass(frozen=True)
class Verb:
    """A named change of state: what a user can do to a document, and when."""

    name: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    label: Any
    event: str
    past: Any
    conditions: tuple[Condition, ...] = ()
    form: str = ""
    tone: str = ""
    open_to: tuple[str, ...] = ()
    by_hand: bool = True
    fits: Callable[[Any], bool] | None = None
    permission: str = ""


@dataclass
class Step:
    """A verb or hand-over offered on a record page; `reasons` says why it is not possible now."""

    name: str
    label: Any
    url: str
    tone: str = ""
    reasons: list[Reason] = field(default_factory=list)
    form: str = ""

    @property
    def allowed(self) -> bool:
        return not self.reasons


class StateDescriptor(FSMFieldDescriptor):
    """Keeps `state` protected, but lets the database's own answer (refresh) and an unchanged value (validation) in."""

    def __set__(self, instance: Any, value: Any) -> None:
        kept = instance.__dict__
        if kept.get("_refreshing") or (self.field.name in kept and kept[self.field.name] == value):
            kept[self.field.name] = value
        else:
            super().__set__(instance, value)


class StateField(FSMField):
    """The state of a document: protected, so that only verbs change it."""

    descriptor_class = StateDescriptor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("verbose_name", gettext_lazy("state"))
        kwargs.setdefault("max_length", 20)
        super().__init__(*args, **{**kwargs, "protected": True, "editable": False})

    def deconstruct(self) -> Any:
        """Migrations see a plain column: they may move data, and each FSMField listens to every model class made."""
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("protected", None)
        return name, "django.db.models.CharField", args, kwargs


def transition(
    *,
    source: str | Sequence[str],
    target: Any,
    label: Any,
    event: str,
    past: Any,
    conditions: Iterable[Condition] = (),
    form: str = "",
    tone: str = "",
    open_to: Iterable[str] = (),
    by_hand: bool = True,
    fits: Callable[[Any], bool] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a verb.

    `event` names what happened (`quote.accepted`) and `past` is its translated sentence; an empty event leaves no trace in
    history. `conditions` are functions `(record)` or `(record, by)` that return None, or why not. `form` is the dotted path
    of the form that asks for the facts. `tone` is "primary", "danger" or "". `open_to=("customer",)` lets the customer's
    public page call it. `by_hand=False` keeps it off the toolbar (a hand-over or a job performs it). `fits(record)` says
    whether the verb makes any sense for this record: where it does not, the toolbar leaves it out instead of showing it
    disabled (a credit note is never paid). `target` is a state or `RETURN_VALUE(*states)` when the body decides, or None for
    an act that leaves the state as it is.
    """
    sources = (str(source),) if isinstance(source, str) else tuple(str(s) for s in source)
    verb = Verb(
        name="", sources=sources, targets=_targets(target), label=label, event=event, past=past, form=form, tone=tone,
        conditions=tuple(conditions), open_to=tuple(open_to), by_hand=by_hand, fits=fits,
    )  # fmt: skip
    return lambda body: _method(replace(verb, name=body.__name__), body, target)


def _method(verb: Verb, body: Callable[..., Any], target: Any) -> Callable[..., Any]:
    """The method that performs a verb, and carries it as `verb`."""
    change_state = fsm_transition(field="state", source=list(verb.sources), target=target)(_one_argument(body))

    @wraps(change_state)
    def act(record: Any, *, by: access.Actor, **facts: Any) -> Any:
        return _perform(record, verbs(type(record))[verb.name], change_state, by, facts)

    act.verb = verb  # type: ignore[attr-defined]
    return act


def _one_argument(body: Callable[..., Any]) -> Callable[[Any, dict[str, Any]], Any]:
    """The body as django-fsm calls it: its own arguments are named too, and a fact may have any name ("method")."""

    @wraps(body)
    def call(record: Any, facts: dict[str, Any]) -> Any:
        return body(record, **facts)

    return call


def _targets(target: Any) -> tuple[str, ...]:
    if target is None:
        return ()
    return tuple(str(t) for t in target.allowed_states) if isinstance(target, RETURN_VALUE) else (str(target),)


_verbs: dict[type[models.Model], dict[str, Verb]] = {}


def verbs(model: type[models.Model]) -> dict[str, Verb]:
    """The verbs of a model in life order (the order they are written in)."""
    if model not in _verbs:
        _verbs[model] = _declared(model)
    return _verbs[model]


def _declared(model: type[models.Model]) -> dict[str, Verb]:
    found: dict[str, Verb] = {}
    for cls in reversed(model.__mro__):
        for name, member in vars(cls).items():
            if verb := getattr(member, "verb", None):
                found[name] = Verb(**{**vars(verb), "permission": access.permission_name(name, model)})
    return found


def edges(model: type[models.Model]) -> list[tuple[str, str]]:
    """Every legal move (from, to) of a model, as the database trigger knows them."""
    return sorted({(s, t) for verb in verbs(model).values() for s in verb.sources for t in verb.targets})


#: Conditions that upper rooms lay on the verbs of lower ones: (model label, verb) -> conditions.
_gates: dict[tuple[str, str], list[Condition]] = {}


def add_gate(model: type[models.Model], verb: str, condition: Condition) -> None:
    """Let a room above add a condition: a contract closes only when its project is closed, and orders know no projects."""
    known = _gates.setdefault((model._meta.label, verb), [])
    if condition not in known:
        known.append(condition)


def _perform(record: Any, verb: Verb, change_state: Callable[..., Any], by: access.Actor, facts: dict[str, Any]) -> Any:
    if not access.may(by, verb.permission, open_to=verb.open_to):
        raise PermissionDenied(_("You have no right to do this."))
    model = type(record)
    with transaction.atomic(), history.acting(by):
        locked = model._base_manager.select_for_update(of=("self",)).get(pk=record.pk)
        if reasons := why_not(locked, verb, by):
            raise Refused(*reasons)
        before = _values(locked)
        source = locked.state
        result = change_state(locked, {"by": by, **facts})
        _save_changes(locked, before)
        if verb.event:
            name = f"{model._meta.model_name}.{verb.event}"
            history.record(name, locked, by=by, source=source, target=locked.state, data=facts)
    _adopt(record, locked)
    return result


def _adopt(record: models.Model, locked: models.Model) -> None:
    """The caller's instance becomes what was saved, without another read; what hangs on it is read anew."""
    record.__dict__.update(
        {f.attname: locked.__dict__[f.attname] for f in locked._meta.concrete_fields if not f.generated}
    )
    record._state.fields_cache.clear()
    record.__dict__.pop("_prefetched_objects_cache", None)


def why_not(record: Any, verb: Verb, by: access.Actor) -> list[Reason]:
    """Every reason why a verb is not possible on this record now; empty when it is."""
    if record.state not in verb.sources:
        return [Reason(_("Not possible while “%(state)s”.") % {"state": record.get_state_display()})]
    if verb.fits is not None and not verb.fits(record):
        return [Reason(_("This does not apply here."))]
    reasons: list[Reason] = []
    for condition in (*verb.conditions, *_gates.get((type(record)._meta.label, verb.name), ())):
        answer = condition(record, by) if len(inspect.signature(condition).parameters) > 1 else condition(record)
        for item in answer if isinstance(answer, list) else [answer]:
            if item:
                reasons.append(item if isinstance(item, Reason) else Reason(str(item)))
    return reasons


def _values(record: models.Model) -> dict[str, Any]:
    return {f.attname: record.__dict__.get(f.attname) for f in record._meta.concrete_fields if not f.generated}


def _save_changes(record: models.Model, before: dict[str, Any]) -> None:
    """Validate and save what the body changed, and nothing else: the rest was valid already."""
    changed = {name for name, value in _values(record).items() if before[name] != value}
    fields = {f.name for f in record._meta.concrete_fields if f.attname in changed}
    untouched = [f.name for f in record._meta.concrete_fields if f.name not in fields]
    record.full_clean(exclude=untouched)
    stamps = {f.name for f in record._meta.concrete_fields if getattr(f, "auto_now", False)}
    record.save(update_fields=fields | stamps)


def steps(record: Any, user: Any) -> list[Step]:
    """The verbs this user may do on this record from its present state, possible or not, primary ones first."""
    found = []
    for verb in verbs(type(record)).values():
        offered = verb.by_hand and record.state in verb.sources and (verb.fits is None or verb.fits(record))
        if offered and user.has_perm(verb.permission):
            url = record.act_url(verb.name)
            found.append(Step(verb.name, verb.label, url, verb.tone, why_not(record, verb, user), verb.form))
    return sorted(found, key=lambda step: {"primary": 0, "": 1, "danger": 2}[step.tone])


def _guard_states(sender: type[models.Model], **_kwargs: Any) -> None:
    if sender.__module__ == "__fake__" or sender._meta.abstract or not (moves := edges(sender)):
        return
    # Asked only where the state changes: other edits, and scores by the hundred thousand, pass by for nothing.
    moved = pgtrigger.AnyChange("state")
    pgtrigger.register(pgtrigger.FSM(name="legal_moves", field="state", transitions=moves, condition=moved))(sender)


class_prepared.connect(_guard_states, dispatch_uid="core.lifecycle.guard_states")

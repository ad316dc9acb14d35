"""One verb on many rows: asked once, each row in its own transaction, with counts and a list of what was refused and why.

All results of a filter are counted exactly before anything is done. One request does a batch; the page asks for the next one
by itself (by a button, without a script), so that a long act shows how far it is, and stops when its window is closed.
"""

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Max
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.fields import tagging
from core.lifecycle import Reason, Refused, Verb, verbs
from core.pages.base import REFUSALS_OF_THE_DATABASE, reasons_of
from core.registry import BulkAct, bulk_acts_of

#: What one request does; the next request goes on behind it.
MOST = 200
#: What a batch tells the next one; everything else that was sent is sent again.
_PROGRESS = ("csrfmiddlewaretoken", "after", "done", "refused", "total", "upto", "missing")


@dataclass
class Work:
    """What was selected, and how far it is. Figures come from the page before: they are shown, nothing hangs on them."""

    total: int = 0
    upto: int = 0
    after: int = 0
    done: int = 0
    refused: int = 0
    missing: int = 0
    problems: list[tuple[Any, list[Reason]]] = field(default_factory=list)
    goes_on: bool = False

    @property
    def tried(self) -> int:
        return self.done + self.refused

    @property
    def carried(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in _PROGRESS[1:]}


def acts(page: Any) -> list[Verb]:
    """The verbs this user may perform in bulk on this list."""
    known = {**verbs(page.model), **bulk_acts_of(page.model)} if page.bulk_verbs else {}
    found = [*(known[name] for name in page.bulk_verbs if name in known), *tagging.acts(page.model)]
    return [verb for verb in found if page.request.user.has_perm(verb.permission)]


def perform(page: Any) -> HttpResponse:
    """Perform the posted verb on the ticked rows, or on all rows of the filter; ask first where there is something to ask."""
    verb = _verb(page)
    rows, work = _selected(page)
    if not work.upto and not work.missing:
        messages.warning(page.request, _("Nothing was selected."))
        return page.go(page.request.get_full_path())
    if not work.upto:
        return _answer(page, verb, work)
    confirmed = "confirmed" in page.request.POST
    form = _form(page, verb, bound=confirmed)
    if not confirmed and (form is not None or "all" in page.request.POST):
        return _answer(page, verb, work, form=form, asks=True)
    if form is not None and not form.is_valid():
        return _answer(page, verb, work, form=form, asks=True, status=422)
    _batch(rows, verb, work, page.request.user, form.cleaned_data if form is not None else {})
    if work.refused or work.missing or work.goes_on or work.tried > MOST:
        return _answer(page, verb, work)
    done = ngettext("%(n)d done.", "%(n)d done.", work.done) % {"n": work.done}
    return page.go(page.request.get_full_path(), done)


def _verb(page: Any) -> Verb:
    wanted = page.request.POST.get("verb")
    for verb in page.bulk_acts:
        if verb.name == wanted:
            return verb
    if wanted in page.bulk_verbs or wanted in tagging.ACTS:
        raise PermissionDenied
    raise Http404


def _selected(page: Any) -> tuple[Any, Work]:
    """The rows, and how many they are. Rows that come in later than the count are not touched."""
    sent = page.request.POST
    known: dict[str, Any] = {name: _number(sent.get(name, "")) for name in _PROGRESS[1:]}
    work = Work(**known)
    if sent.get("all"):
        rows = page.narrowed().order_by()
    else:
        ids = {_number(value) for value in sent.getlist("ids")}
        rows = page.queryset().filter(pk__in=ids).order_by()
    if not work.upto:
        found = rows.aggregate(total=Count("pk"), upto=Max("pk"))
        work.total, work.upto = found["total"], found["upto"] or 0
        work.missing = 0 if sent.get("all") else len(set(sent.getlist("ids"))) - work.total
    return rows.filter(pk__gt=work.after, pk__lte=work.upto).order_by("pk"), work


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else 0


def _form(page: Any, verb: Verb, *, bound: bool) -> Any:
    """The verb's own form, about no record in particular."""
    if not verb.form:
        return None
    data = page.request.POST if bound else None
    return import_string(verb.form)(data, prefix="facts", user=page.request.user, record=None)


def _batch(rows: Any, verb: Verb, work: Work, user: Any, facts: dict[str, Any]) -> None:
    records = list(rows[: MOST + 1])
    work.goes_on = len(records) > MOST
    for record in records[:MOST]:
        work.after = record.pk
        if reasons := _refusal(record, verb, user, facts):
            work.problems.append((record, reasons))
    work.refused += len(work.problems)
    work.done += len(records[:MOST]) - len(work.problems)


def _refusal(record: Any, verb: Verb, user: Any, facts: dict[str, Any]) -> list[Reason]:
    try:
        act = verb.run if isinstance(verb, BulkAct) else getattr(type(record), verb.name)
        act(record, by=user, **facts)
    except PermissionDenied:
        return [Reason(_("You have no right to do this."))]
    except (Refused, ValidationError, *REFUSALS_OF_THE_DATABASE) as error:
        return reasons_of(error)
    return []


def _answer(
    page: Any, verb: Verb, work: Work, *, form: Any = None, asks: bool = False, status: int = 200
) -> HttpResponse:
    """Ask, or say what came of it: as a page, in the dialogue, or as the next part of what is running."""
    request = page.request
    out = {*_PROGRESS, *(name for name in request.POST if asks and name.startswith("facts-"))}
    sent = [(name, value) for name, values in request.POST.lists() for value in values if name not in out]
    context = {
        "page": page,
        "title": verb.label,
        "verb": verb,
        "work": work,
        "form": form,
        "asks": asks,
        "sent": [*((n, v) for n, v in sent if n != "confirmed"), ("confirmed", "1"), *work.carried.items()],
        "back": request.get_full_path(),
    }
    running = request.headers.get("HX-Target") == "bulk-more"
    part = "#outcome" if running else "#dialog" if page.in_modal else ""
    return render(request, f"pages/bulk.html{part}", context, status=status)

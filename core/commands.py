"""What the search box can do besides finding: open a page, make something new, do the next step of the record on the screen."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from core import context_processors, fulltext
from core.pages.base import named_by

_SHOWN = 5


def matching(request: HttpRequest, text: str) -> list[dict[str, Any]]:
    """The commands this user may give whose words begin like those typed: steps of the record first, then pages."""
    words = fulltext.folded(text).split()
    if not words:
        return []
    found = (command for command in _commands(request) if _fits(command["label"], words))
    return [command for command, _number in zip(found, range(_SHOWN), strict=False)]


def _fits(label: str, words: list[str]) -> bool:
    parts = fulltext.folded(label).split()
    return all(any(part.startswith(word) for part in parts) for word in words)


def _commands(request: HttpRequest) -> Iterator[dict[str, Any]]:
    yield from _steps(request)
    for table, kind in (("MENU", _("Page")), ("QUICK_CREATE", _("New")), ("COMMANDS", _("Command"))):
        for section in context_processors.sections(request, table):
            for item in section["items"]:
                label = f"{kind}: {item['label']}" if table == "QUICK_CREATE" else item["label"]
                yield item | {"label": label, "kind": kind}


def _steps(request: HttpRequest) -> Iterator[dict[str, Any]]:
    """The next steps of the record whose page the box stands on."""
    record = _record(request)
    if record is None:
        return
    yield from (
        {"label": str(step.label), "icon": "player-play", "url": step.url, "kind": str(record)}
        for step in record.next_steps(request.user)
        if step.allowed
    )


def _record(request: HttpRequest) -> Any:
    """htmx says which page asks; its record is looked up through the user, as anywhere."""
    named = named_by(request.headers.get("HX-Current-URL", ""))
    if named is None:
        return None
    model, pk = named
    try:
        return model.objects.visible_to(request.user).filter(pk=pk).first()
    except OverflowError:
        return None

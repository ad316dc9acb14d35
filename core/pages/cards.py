"""The cards of a board, written in one pass as the rows of a table are.

A board shows up to thirty cards a column. What all cards of a column have in common, the verbs of their menu and where they
may be dropped, is therefore said once, by the column, with 0 in the place of the card's id.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, ngettext

from core import formats
from core.icons import icon
from core.pages.columns import Row, link_parts

#: Stands for a card's id in the addresses of its column.
ANY_CARD = 0


def card_writer(
    model: Any,
    writes: Sequence[Callable[[Row], str]],
    rots_after: tuple[int, int],
    *,
    menus: set[str],
    restless: set[str],
) -> Callable[[Row], SafeString]:
    """A function from a row to a card's HTML. A row is the id, the values of the columns, the state, and since when so.

    ``menus`` are the states whose cards have a menu. Cards fade, and rot, after so many days in one of the ``restless`` states.
    """
    before, after = link_parts(model)
    title, texts = (writes[0], writes[1:]) if writes else (lambda row: f"#{row[0]}", ())
    menu, (fades, rots) = _menu(), rots_after
    now, stay = timezone.now(), cache(_stay)

    def write(row: Row) -> SafeString:
        *_values, state, since = row
        days = _days(since, now)
        rot = (days >= fades) + (days >= rots) if state in restless else 0
        lines = "".join([f"<div>{text}</div>" for of in texts if (text := of(row))])
        return mark_safe(  # noqa: S308 - writers escape
            f'<li class="board-card{f" rot-{rot}" if rot else ""}" data-card="{row[0]}">'
            f'<a class="card-name" draggable="false" href="{before}{row[0]}{after}">{title(row) or f"#{row[0]}"}</a>'
            f"{menu if state in menus else ''}{lines}{stay(days)}</li>\n"
        )

    return write


def _days(since: datetime | None, now: datetime) -> int:
    return (now - since) // timedelta(days=1) if since else 0


def _stay(days: int) -> str:
    text = ngettext("%(n)s day here", "%(n)s days here", days) % {"n": formats.number(days)}
    return f'<small class="text-secondary">{icon("clock")} {escape(text)}</small>'


def _menu() -> str:
    """The button of a card; the script fills its menu, when it opens, with what the card's column says."""
    label = escape(gettext("Next steps"))
    return (
        '<div class="dropdown"><button class="btn btn-icon btn-ghost" type="button" data-bs-toggle="dropdown"'
        f' aria-expanded="false" aria-label="{label}">{icon("dots-vertical")}</button>'
        '<div class="dropdown-menu dropdown-menu-end"></div></div>'
    )

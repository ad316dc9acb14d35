"""A tag for the rows of the admin's lists, each written in one pass.

unfold asks anew in every cell what is the same for its whole column: the head, the classes, how a value is read, where a click
leads. Here that is asked once a list. What a cell says and how it looks stays unfold's.
"""

import datetime
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from functools import cache, partial
from operator import attrgetter
from secrets import token_hex
from types import SimpleNamespace
from typing import Any

from django import template
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import lookup_field, quote
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db import models
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from unfold.templatetags import unfold_list
from unfold.utils import display_for_field, display_for_value

Writer = Callable[[Any], str]

register = template.Library()

_CELL, _BOX, _LINK = (
    " ".join(names) for names in (unfold_list.ROW_CLASSES, unfold_list.CHECKBOX_CLASSES, unfold_list.LINK_CLASSES)
)

#: Stands for a record's key, and for its cells, in what is written once for all records; nobody can type it.
ANY = token_hex(16)


@register.simple_tag(takes_context=True)
def written_result_list(context: Any, cl: Any) -> SafeString:
    """{% written_result_list cl %}, in the place of unfold's own tag.

    Rows that are typed into, those of a pop-up, and those with acts or sections of their own are left to unfold.
    """
    sections = getattr(cl.model_admin, "list_sections", ())
    by_hand = cl.result_list and not (cl.formset or cl.is_popup or context.get("actions_row") or sections)
    bare = copy(cl)
    if by_hand:
        bare.result_list = []
    shown = unfold_list.result_list(context, bare) | {"cl": cl} | ({"results": _BLANKS} if by_hand else {})
    frame = context.template.engine.get_template("admin/change_list_results.html")
    html = frame.render(context.new(shown))
    heads = [head["text"] for head in shown["result_headers"]]
    return _filled(html, cells_of(cl, heads), cl.result_list) if by_hand else html


#: Rows to be filled in: what stands between two differs, for every other row is tinted.
_BLANKS = [unfold_list.UnfoldResultList(None, None, [ANY]) for _row in range(3)]


def _filled(html: str, cells: Callable[[Any], SafeString], rows: Sequence[Any]) -> SafeString:
    """The list with all its rows, of one with three blank ones."""
    start, *between, end = html.split(ANY)
    parts = [start]
    for place, row in enumerate(rows):
        parts += [between[(place - 1) % 2]] if place else []
        parts += [cells(row)]
    return mark_safe("".join([*parts, end]))  # noqa: S308 - cells are escaped


def cells_of(cl: Any, heads: list[Any]) -> Callable[[Any], SafeString]:
    """A function from a record to the HTML of its cells."""
    writers = list(_writers(cl, heads))
    return lambda row: mark_safe("".join([write(row) for write in writers]))  # noqa: S308 - writers escape


def _writers(cl: Any, heads: list[Any]) -> Iterator[Writer]:
    wanted, tag = cl.list_display_links, "th"
    for place, (name, head) in enumerate(zip(cl.list_display, heads, strict=True)):
        link = wanted is not None and (name in wanted or (not wanted and tag == "th"))
        label = head if place or link else gettext("Select record")
        if name == "action_checkbox":
            yield _tick(cl, label)
        elif link:
            yield _cell(cl, place, tag, label, *_link(cl))
            tag = "td"  # the first link is the head of its row
        else:
            yield _cell(cl, place, "td", label)


def _tick(cl: Any, label: Any) -> Writer:
    """The cell whose box chooses the record for an act."""
    box, start = cl.model_admin.action_checkbox, _start("td", _BOX, label)
    before, *after = box(SimpleNamespace(pk=ANY)).split(ANY)
    if len(after) == 1:
        return lambda row: f"{start}{before}{row.pk}{after[0]}</td>"
    return lambda row: f"{start}{box(row)}</td>"  # Django's own names the record, too


def _link(cl: Any) -> tuple[str, str]:
    """The start of a link to a record's page, around its key."""
    opts = cl.opts
    page = f"admin:{opts.app_label}_{opts.model_name}_change"
    url = reverse(page, args=(ANY,), current_app=cl.model_admin.admin_site.name)
    url = add_preserved_filters({"preserved_filters": cl.preserved_filters, "opts": opts}, url)
    before, _any, after = format_html('<a href="{}" class="{}" >', url, _LINK).partition(ANY)
    return before, after


def _cell(cl: Any, place: int, tag: str, label: Any, before: str = "", after: str = "") -> Writer:
    """A cell of the column at this place; with a link around what it says where a start of one is given."""
    name = cl.list_display[place]
    classes = f"field-{unfold_list._coerce_field_name(name, place)} {_CELL}"
    plain, nowrap = _start(tag, classes, label), _start(tag, f"{classes} nowrap", label)
    read, show, in_one_line = _column(cl, name)
    empty = conditional_escape(cl.model_admin.get_empty_value_display())

    def write(row: Any) -> str:
        start = nowrap if in_one_line else plain
        try:
            value = read(row)
        except ObjectDoesNotExist:
            start, text = plain, str(empty)
        else:
            text = conditional_escape(show(value))
            if isinstance(value, datetime.date | datetime.time):
                start = nowrap
        if before:
            text = f"{before}{quote(row.pk)}{after}{text}</a>"
        return f"{start}{text}</{tag}>"

    return write


def _start(tag: str, classes: str, label: Any) -> str:
    return f'<{tag} class="{classes}" data-label="{conditional_escape(label)}">'


def _column(cl: Any, name: Any) -> tuple[Callable[[Any], Any], Callable[[Any], Any], bool]:
    """How a column's value is read, how it is shown, and whether it always stays in one line."""
    admin, field = cl.model_admin, _field(cl, name)
    empty = admin.get_empty_value_display()
    if field is None or field.auto_created:
        read, attr = _reader(cl, name) if field is None else (attrgetter(field.name), None)
        empty, boolean = getattr(attr, "empty_value_display", empty), getattr(attr, "boolean", False)
        return read, partial(display_for_value, empty_value_display=empty, boolean=boolean), False
    read = attrgetter(field.name)
    if isinstance(field.remote_field, models.ManyToOneRel):
        return read, lambda value: empty if value is None else value, True
    show = partial(display_for_field, field=field, empty_value_display=empty)
    if field.flatchoices or isinstance(field, models.BooleanField):  # a few values, each written once
        return read, cache(lambda value: conditional_escape(show(value))), False
    return read, show, isinstance(field, models.DateField | models.TimeField)


def _field(cl: Any, name: Any) -> Any:
    """The column of the table that is shown, if it is one."""
    try:
        field = cl.opts.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if field.concrete and field.name == name else None


def _reader(cl: Any, name: Any) -> tuple[Callable[[Any], Any], Any]:
    """What gives a value that is no column, and what is said about it: a function, one of the admin's, or the record's own."""
    admin = cl.model_admin
    if callable(name):
        return name, name
    if name != "__str__" and hasattr(admin, name):
        return getattr(admin, name), getattr(admin, name)
    return lambda row: lookup_field(name, row, admin)[2], getattr(cl.model, name, None)

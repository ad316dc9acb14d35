"""The page of one record: header, thread, next steps, facts, lines, related documents, timeline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.urls import reverse
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core import access, formats, history, thread, ui
from core.fields import showing
from core.fields.definitions import tags, takes_part
from core.pages import related as related_records
from core.pages.base import Page, is_editable
from core.pages.columns import Column, bind, paths, writers
from core.pages.related import Related
from core.privacy import consent, watching

#: What other apps add to every record page's context: functions (record, request) -> dict (the composer, the next activity).
_extras: list[Callable[[Any, HttpRequest], dict[str, Any]]] = []

KINDS = (
    ("act", _("Acts")),
    ("edit", _("Edits")),
    ("note", _("Notes")),
    ("call", _("Calls")),
    ("mail", _("E-mails")),
    ("file", _("Files")),
)


def register_extra(extra: Callable[[Any, HttpRequest], dict[str, Any]]) -> None:
    """Let an app add to the context of record pages; its templates are `activities/{composer,next}.html`."""
    if extra not in _extras:
        _extras.append(extra)


@dataclass(frozen=True)
class Panel:
    """A card of facts: fields, properties, methods or dotted paths; ("path", label) gives a label of its own."""

    title: Any
    fields: tuple[Any, ...]
    icon: str = ""
    permission: str = ""


@dataclass(frozen=True)
class Attribute:
    label: Any
    value: Any


class DetailPage(Page):
    """The page of one record."""

    template_name = "pages/detail.html"
    figures: Sequence[Any] = ()
    panels: Sequence[Panel] = ()
    related: Sequence[Related] = ()
    #: Name of the accessor of the document's lines, shown with totals.
    lines: str | None = None
    line_fields: Sequence[str] = ("description", "quantity", "unit", "unit_price", "discount", "vat_rate", "net")
    #: Related records to fetch with the record; foreign keys shown in panels are found by themselves.
    select_related: Sequence[str] = ()
    timeline = True

    def queryset(self) -> Any:
        names = {*self.select_related, *self._foreign_keys()}
        rows = consent.with_standing(super().queryset())
        return rows.select_related(*names) if names else rows

    @classmethod
    def _foreign_keys(cls) -> set[str]:
        shown = [name for panel in cls.panels for name in panel.fields] + list(cls.figures) + ["owner"]
        first = {(n if isinstance(n, str) else n[0]).split(".")[0] for n in shown}
        return {f.name for f in cls.model._meta.concrete_fields if f.is_relation and f.name in first}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record = self.record()
        if request.headers.get("HX-Target") == "timeline":
            return self.show(self.timeline_context(record), part="timeline")
        watching.saw(request, record)
        return self.whole(record)

    def whole(self, record: Any) -> HttpResponse:
        return self.show(self.context(record))

    def context(self, record: Any) -> dict[str, Any]:
        """Everything the page shows. Extend it for what a template of your own adds."""
        user = self.request.user
        found = {
            "title": str(record),
            "record": record,
            "list_title": str(capfirst(record._meta.verbose_name_plural)),
            "list_url": self.url("list"),
            "edit_url": self.edit_url(record),
            "figures": [attribute(record, name) for name in self.figures if self.sees(name)],
            "life": life(record),
            "stages": thread.bar(record, user),
            "steps": record.next_steps(user) if hasattr(record, "next_steps") else [],
            "panels": [*self.declared_panels(record), *self.own_panels(record)],
            "tags": showing.labels(record),
            "tags_url": self.tags_url(record),
            "related": self.related_groups(record),
            "lines": lines_table(record, self.lines, self.line_fields, user) if self.lines else None,
            "composer_template": existing("activities/composer.html"),
            "next_template": existing("activities/next.html"),
        }
        found["has_side"] = bool(found["related"] or found["next_template"])
        for extra in _extras:
            found |= extra(record, self.request)
        return found | (self.timeline_context(record) if self.timeline else {})

    def edit_url(self, record: Any) -> str:
        """Where the record is changed, or "" where it cannot be by this user, now."""
        allowed = self.may("change") and is_editable(record)
        return self.url("edit", record.pk) if allowed else ""

    def sees(self, name: Any) -> bool:
        name = name if isinstance(name, str) else name[0]
        return name not in getattr(self.model, "COST_FIELDS", ()) or access.can_see_costs(self.request.user)

    def panel(self, record: Any, panel: Panel) -> dict[str, Any]:
        rows = [attribute(record, name) for name in panel.fields if self.sees(name)]
        return {"title": panel.title, "icon": panel.icon, "rows": rows}

    def declared_panels(self, record: Any) -> list[dict[str, Any]]:
        user = self.request.user
        return [self.panel(record, p) for p in self.panels if not p.permission or user.has_perm(p.permission)]

    def own_panels(self, record: Any) -> list[dict[str, Any]]:
        """What administrators have added to this kind of record."""
        facts = showing.facts(record)
        rows = [Attribute(label, value) for label, value in facts]
        return [{"title": _("Further fields"), "icon": "forms", "rows": rows}] if rows else []

    def tags_url(self, record: Any) -> str:
        """Where tags are put on the record, or "" where there are none or they are not this user's to put."""
        if not (takes_part(self.model) and tags() and self.may("change")):
            return ""
        return reverse("core:record_tags", args=[record._meta.app_label, record._meta.model_name, record.pk])

    def related_groups(self, record: Any) -> list[dict[str, Any]]:
        user = self.request.user
        wanted = [related for related in self.related if not related.permission or user.has_perm(related.permission)]
        groups = related_records.groups(record, wanted, user)
        for related, group in zip(wanted, groups, strict=True):
            group["create_url"] = self.create_url(record, related)
        return groups

    def create_url(self, record: Any, related: Related) -> str:
        """Where one more of the related records is made, or ""."""
        return related.create_url.format(pk=record.pk)

    def timeline_context(self, record: Any) -> dict[str, Any]:
        kinds = [kind for kind in self.request.GET.getlist("kind") if kind in dict(KINDS)]
        entries = history.timeline(record, self.request.user, kinds=kinds)
        return {"record": record, "entries": entries, "kinds": KINDS, "kinds_on": kinds}


@cache
def existing(template: str) -> str:
    """The name of a template of another room, or "" where that room has none."""
    try:
        get_template(template)
    except TemplateDoesNotExist:
        return ""
    return template


def life(record: Any) -> list[dict[str, Any]]:
    """The states in life order, those of failure only where the record is in one."""
    if not hasattr(record, "state"):
        return []
    model: Any = type(record)
    states = list(model._meta.get_field("state").flatchoices)
    path = [(v, label) for v, label in states if v == record.state or not _is_dead_end(model, v)]
    values = [value for value, _label in path]
    here = values.index(record.state) if record.state in values else len(values)
    # What ended badly did not walk the whole way; which steps it did walk is told by the timeline.
    walked = 0 if _is_dead_end(model, record.state) else here
    return [{"label": str(label), "done": i < walked, "here": i == here} for i, (_value, label) in enumerate(path)]


@cache
def _is_dead_end(model: Any, state: str) -> bool:
    return ui.STATE_COLOURS.get(state) == "red" or state in getattr(model, "SIDE_STATES", ("superseded", "credited"))


def attribute(record: Any, spec: Any) -> Attribute:
    """A label and a value to show, for a field, property, method or dotted path."""
    path, label = spec if isinstance(spec, tuple) else (spec, "")
    value: Any = record
    holder, last = record, path
    for part in path.split("."):
        holder, last = value, part
        value = _get(value, part)
        if value is None:
            break
    return Attribute(str(label) or _label(type(record), path), _shown(holder, last, value))


def _get(holder: Any, name: str) -> Any:
    value = getattr(holder, name)
    return value() if callable(value) and not isinstance(value, models.Manager) else value


def _label(model: Any, path: str) -> str:
    name: Any = ""
    for part in path.split("."):
        try:
            field = model._meta.get_field(part)
        except (FieldDoesNotExist, AttributeError):
            name = getattr(getattr(model, part, None), "short_description", "") or name or part.replace("_", " ")
            break
        name, model = field.verbose_name, field.related_model
    return str(name)[:1].upper() + str(name)[1:]


def _shown(holder: Any, name: str, value: Any) -> Any:
    if value in (None, ""):
        return ui.show(None)
    display = getattr(holder, f"get_{name}_display", None)
    if display is not None:
        return ui.state_badge(value, display()) if name == "state" else display()
    field = next((f for f in getattr(holder, "_meta", _NO_META).concrete_fields if f.name == name), None)
    return _linked(field, value) if isinstance(value, str) else ui.show(value)


def _linked(field: Any, value: str) -> SafeString | str:
    if isinstance(field, models.EmailField):
        return format_html('<a href="mailto:{}">{}</a>', value, value)
    if isinstance(field, models.URLField) and value.startswith(("http://", "https://")):
        return format_html('<a href="{}" rel="noopener noreferrer" target="_blank">{}</a>', value, value)
    if field is not None and field.name.endswith("phone"):
        return format_html('<a href="tel:{}">{}</a>', value.replace(" ", ""), value)
    if isinstance(field, models.TextField):
        return mark_safe(linebreaks(value, autoescape=True))  # noqa: S308 - escaped by linebreaks
    return value


class _NO_META:
    concrete_fields: tuple[Any, ...] = ()


def lines_table(record: Any, accessor: str, fields: Sequence[str], user: Any) -> dict[str, Any]:
    """The document's lines as a table, and its totals per VAT rate."""
    rows = getattr(record, accessor).all()
    model = rows.model
    names = [*fields, *(("unit_cost",) if "unit_cost" in set(getattr(model, "COST_FIELDS", ())) - set(fields) else ())]
    bound = bind([line_column(name) for name in names], model, formats.language(), costs=access.can_see_costs(user))
    found = _values(rows, paths(bound))
    writes = writers(bound)
    table = [[(mark_safe(write(row)), c.css) for write, c in zip(writes, bound, strict=True)] for row in found]  # noqa: S308
    heads = [(column.label, column.css) for column in bound]
    currency = getattr(record, "currency", "EUR") or "EUR"
    return {"heads": heads, "rows": table, "totals": getattr(record, "totals", None), "currency": str(currency)}


def _values(rows: Any, names: list[str]) -> list[tuple[Any, ...]]:
    """The lines as tuples: from those fetched with the document, where they were and no other table is needed."""
    if rows._result_cache is None or any("__" in name for name in names):
        return list(rows.values_list(*names))
    return [tuple(getattr(line, name) for name in names) for line in rows]


def line_column(name: str) -> Column:
    places = {"net": 2, "unit_price": 2, "unit_cost": 2, "discount": None, "vat_rate": None}
    return Column(name, places=places.get(name))

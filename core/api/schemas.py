"""JSON Schemas of what comes in: the forms of the pages, read by the same table that fills them (`inputs.kind`)."""

from typing import Any

from django import forms

from core.api import inputs
from core.fields import api as own_fields
from core.pages import HandoverPage
from core.uploads import MOST_FILES

Schema = dict[str, Any]

_KINDS: dict[str, Schema] = {
    "boolean": {"type": "boolean"},
    "maybe": {"type": "boolean"},
    "integer": {"type": "integer"},
    "decimal": {"type": ["number", "string"], "pattern": r"^-?\d{1,40}(\.\d{1,40})?$"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "record": {"type": "integer"},
    "records": {"type": "array", "items": {"type": "integer"}},
    "choice": {"type": "string"},
    "choices": {"type": "array", "items": {"type": "string"}},
    "json": {},
    "text": {"type": "string"},
    "texts": {"type": "array", "items": {"type": "string"}, "maxItems": 200},
    "link": {
        "type": "object",
        "properties": {"type": {"type": "string"}, "id": {"type": "integer"}},
        "required": ["type", "id"],
        "additionalProperties": False,
    },
    "files": {
        "type": "array",
        "maxItems": MOST_FILES,
        "items": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "content": {"type": "string", "contentEncoding": "base64"}},
            "required": ["name", "content"],
            "additionalProperties": False,
        },
    },
}


class Reader:
    """Somebody who may see everything: forms and lists are described as they would see them."""

    pk = None
    is_active = is_authenticated = is_superuser = True
    team_id = None

    def has_perm(self, _permission: str, _record: Any = None) -> bool:
        return True


READER = Reader()


def of_field(field: forms.Field) -> Schema:
    """What a field takes."""
    kind = inputs.kind(field)
    found = dict(_KINDS[kind])
    if kind in ("choice", "choices") and (values := inputs.choices_of(field)):
        # Values are compared as texts; a choice of numbers takes numbers too.
        whole = all(isinstance(value, int) for value in values)
        one: Schema = {"type": "integer" if whole else "string", "enum": values if whole else [str(v) for v in values]}
        found = {"type": "array", "items": one} if kind == "choices" else one
    if kind == "text" and (longest := getattr(field, "max_length", None)):
        found["maxLength"] = longest
    if kind == "text" and field.required:
        found["minLength"] = 1
    if isinstance(field, forms.EmailField):
        found["format"] = "email"
    if kind == "link" and (kinds := sorted(field.kinds())):  # type: ignore[attr-defined]
        found["properties"] = {**found["properties"], "type": {"type": "string", "enum": kinds}}
    if kind == "integer":
        limits = {"minimum": field.min_value, "maximum": field.max_value}  # type: ignore[attr-defined]
        found |= {name: value for name, value in limits.items() if isinstance(value, int)}
    words = " ".join(str(part) for part in (field.label, field.help_text) if part)
    return found | ({"description": words} if words else {})


def of_form(form: Any, *, defaults: bool) -> Schema:
    """The body that fills a form. `defaults`: what is left out has a value already, so that nothing is required."""
    fields = inputs.sendable(form) if isinstance(form, forms.BaseForm) else _sendable(form.base_fields)
    properties: dict[str, Schema] = {}
    required = []
    for name, field in fields.items():
        schema = of_field(field)
        empty = isinstance(form, type) or form.get_initial_for_field(field, name) in (None, "")
        if field.required and empty and not defaults and inputs.kind(field) != "boolean":
            required.append(name)
        elif not field.required and inputs.kind(field) != "boolean":
            schema = _or_null(schema)
        properties[name] = schema
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if pattern := getattr(form, "further_fields", None):
        found["patternProperties"] = {pattern: _or_null(_KINDS["decimal"])}
    return found | ({"required": required} if required else {})


def _sendable(fields: dict[str, forms.Field]) -> dict[str, forms.Field]:
    return {name: field for name, field in fields.items() if inputs.kind(field) != "file"}


def _or_null(schema: Schema) -> Schema:
    found = dict(schema)
    if "type" in found:
        kinds = found["type"] if isinstance(found["type"], list) else [found["type"]]
        found["type"] = [*kinds, "null"]
    if "enum" in found:
        found["enum"] = [*found["enum"], None]
    return found


def blank(form_class: Any, **kwargs: Any) -> Any:
    """The form without a record; its class where it cannot do without one."""
    try:
        return form_class(user=READER, **kwargs)
    except (AttributeError, TypeError, ValueError):
        return form_class


def of_record_page(page: Any, *, change: bool) -> Schema:
    """The body that makes or changes a record: the page's form, and its lines. Some pages choose between forms."""
    found: Schema = {"type": "object", "properties": {}, "additionalProperties": False}
    for form_class in getattr(page, "form_classes", (page.form_class,)):
        schema = of_form(blank(form_class), defaults=change)
        found["properties"] |= schema["properties"]
        if "required" in schema:
            found["required"] = schema["required"]
    own, needed = own_fields.asked(page.model, change=change)
    found["properties"] |= own
    if needed:
        found["required"] = [*found.get("required", []), *needed]
    line_sets = [lines for lines in getattr(page, "line_sets", (page.lines,)) if lines is not None]
    if line_sets:
        rows = [_of_line(lines(None, instance=page.model(), user=READER), change=change) for lines in line_sets]
        widest = max(rows, key=lambda row: len(row["properties"]))
        words = "With an id a line is changed, without one it is added, and those left out are removed."
        found["properties"]["lines"] = {"type": "array", "maxItems": 200, "items": widest}
        if change:
            found["properties"]["lines"]["description"] = words
    return found


def _of_line(lines: Any, *, change: bool) -> Schema:
    skip = {"id", "ORDER", "DELETE", lines.fk.name}
    fields = {name: f for name, f in inputs.sendable(lines.empty_form).items() if name not in skip}
    properties = {name: of_field(f) if f.required else _or_null(of_field(f)) for name, f in fields.items()}
    own = {"id": {"type": "integer", "description": "The line that is changed."}} if change else {}
    return {"type": "object", "properties": {**own, **properties}, "additionalProperties": False}


def of_act(form_class: Any, page: Any = None, model: Any = None) -> Schema:
    """The body of a verb (of this model) or hand-over: its form's fields, or nothing; and what has to be said of the record."""
    found: Schema = {"type": "object", "additionalProperties": False}
    if form_class is not None:
        proposes = page is not None and getattr(page, "initial", None) is not HandoverPage.initial
        found = of_form(blank(form_class), defaults=proposes)
    made = getattr(page, "makes", None)
    asked = made or (model if getattr(form_class, "completes", False) else None)
    if own := own_fields.demanded(asked, known=made is None or page.source is made):
        found["properties"] = found.get("properties", {}) | {"custom": own}
        if "required" in own:
            found["required"] = [*found.get("required", []), "custom"]
    return found

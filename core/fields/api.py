"""Custom fields and tags in the API: `custom`, an object of values by name, and `tags`, a list of names."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from core.api.problems import invalid
from core.fields.definitions import PREFIX, Definition, definitions, tags, takes_part

Schema = dict[str, Any]

_TYPES: dict[str, Schema] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "choice": {"type": "string"},
    "bool": {"type": "boolean"},
}
_TAGS: Schema = {"type": "array", "items": {"type": "string"}}


def write(record: Any) -> dict[str, Any]:
    """What every answer says of a record's own fields: each field in use, null where it has no value."""
    if not takes_part(type(record)):
        return {}
    custom = {made.name: record.custom.get(made.name) for made in definitions(type(record))}
    return {"custom": custom, "tags": list(record.tags)}


def answered(model: Any) -> Schema:
    """The JSON Schema of what `write` adds."""
    if not takes_part(model):
        return {}
    known = {made.name: _nullable(_TYPES[made.kind]) | {"description": made.label} for made in definitions(model)}
    custom = {"type": "object", "description": "Custom fields.", "properties": known, "required": list(known)}
    return {"custom": custom, "tags": _TAGS}


def asked(model: Any, *, change: bool) -> tuple[Schema, list[str]]:
    """The JSON Schemas of what a request may give, and which of it it has to."""
    if not takes_part(model):
        return {}, []
    found: Schema = {}
    needed = [made.name for made in definitions(model) if made.required and not change]
    if known := {made.name: _taken(made) for made in definitions(model)}:
        found["custom"] = {"type": "object", "properties": known, "additionalProperties": False}
        if needed:
            found["custom"]["required"] = needed
    if names := list(tags()):
        found["tags"] = {"type": "array", "items": {"type": "string", "enum": names}}
    return found, ["custom"] if needed else []


def demanded(model: Any, *, known: bool) -> Schema:
    """The JSON Schema of what an act asks of a record's own fields: those it has to have. `known`: it may have them already."""
    needed = [made for made in definitions(model) if made.required] if model is not None else []
    if not needed:
        return {}
    found: Schema = {"type": "object", "properties": {made.name: _taken(made) for made in needed}}
    found["additionalProperties"] = False
    return found if known else found | {"required": [made.name for made in needed]}


def _taken(made: Definition) -> Schema:
    found: Schema = dict(_TYPES[made.kind])
    if made.kind == "choice":
        found["enum"] = list(made.choices)
    if made.kind == "text":
        found["maxLength"] = 2000
    words = " ".join(filter(None, (made.label, made.help_text)))
    return (found if made.required else _nullable(found)) | {"description": words}


def _nullable(schema: Schema) -> Schema:
    found = {**schema, "type": [schema["type"], "null"]}
    if "enum" in found:
        found["enum"] = [*found["enum"], None]
    return found


def flat(model: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """A request's fields with those of `custom` under the names they have on the form. What is unknown raises 422."""
    from core.api.inputs import unknown_field

    found = dict(given)
    if wrong := {name: [unknown_field()] for name in found if name.startswith(PREFIX)}:
        raise invalid(wrong)
    if not takes_part(model):
        return found
    if found.get("tags") == [] and not tags():
        del found["tags"]
    custom = found.pop("custom", {})
    if not isinstance(custom, dict):
        raise invalid({"custom": [_("Expected an object with fields.")]})
    known = {made.name: made.key for made in definitions(model)}
    if strange := {f"custom.{name}": [unknown_field()] for name in custom if name not in known}:
        raise invalid(strange)
    return found | {known[name]: value for name, value in custom.items()}


def named(field: str) -> str:
    """A form's field as the API calls it."""
    return f"custom.{field.removeprefix(PREFIX)}" if field.startswith(PREFIX) else field

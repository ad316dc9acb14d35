"""The parts that operations of the OpenAPI description are put together from: parameters, answers, problems, documents."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, get_type_hints

from django.utils.translation import gettext as _

from core.api import lists, outputs, problems, schemas
from core.api.answers import HEADER, LONGEST
from core.fields import api as own_fields
from core.pages import HandoverPage

Schema = dict[str, Any]

#: Problems of everything that writes.
WRITING = (400, 401, 403, 406, 409, 413, 415, 422, 429, 500)
ID: Schema = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
IF_MATCH: Schema = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag that was read: 412 if somebody has changed the record since.",
    "schema": {"type": "string", "pattern": r'^"[0-9T:.+-]{19,40}"$'},
}
IDEMPOTENCY_KEY: Schema = {
    "name": HEADER,
    "in": "header",
    "description": "Sent again with the same key and body within 24 hours, the request is answered as before and done once.",
    "schema": {"type": "string", "maxLength": LONGEST, "pattern": "^[!-~]+$"},
}
STEP: Schema = {
    "type": "object",
    "description": "What can be done next, and why not now.",
    "properties": {
        "verb": {"type": "string"},
        "label": {"type": "string"},
        "allowed": {"type": "boolean"},
        "reasons": {"type": "array", "items": {"type": "string"}},
        "url": {"type": ["string", "null"]},
    },
    "required": ["verb", "label", "allowed", "reasons", "url"],
}
PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "What is wrong, by field or parameter; lines as lines[0].quantity.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "merged_into": {"type": "string", "format": "uri", "description": "The record that took this one in."},
        "reasons": {
            "type": "array",
            "description": "Every reason why it is refused, in the caller's language.",
            "items": {
                "type": "object",
                "properties": {"message": {"type": "string"}, "fix_url": {"type": "string"}},
                "required": ["message"],
            },
        },
    },
    "required": ["type", "title", "status"],
}
_HEADERS: dict[int, Schema] = {
    308: {"Location": {"description": "Where it is now.", "schema": {"type": "string", "format": "uri"}}},
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    429: {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
    200: {"ETag": {"schema": {"type": "string"}}},
    201: {"ETag": {"schema": {"type": "string"}}, "Location": {"schema": {"type": "string", "format": "uri"}}},
}


def operation(
    name: str,
    tag: str,
    summary: str,
    *,
    answers: Mapping[int, Schema | None],
    errors: Sequence[int],
    parameters: Sequence[Schema] = (),
    body: Schema | None = None,
    body_required: bool = True,
) -> Schema:
    """One operation object."""
    found: Schema = {"operationId": name, "summary": summary[:1].upper() + summary[1:], "tags": [tag]}
    if parameters:
        found["parameters"] = [dict(parameter) for parameter in parameters]
    if body is not None:
        found["requestBody"] = {"content": {"application/json": {"schema": body}}, "required": body_required}
    found["security"] = [{"token": []}]
    responses: dict[str, Any] = {str(status): _answer(status, content) for status, content in answers.items()}
    responses |= {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in sorted(errors)}
    return found | {"responses": responses}


def _answer(status: int, content: Schema | None) -> Schema:
    if content is None:
        return {"description": _("Done; the record is out of your sight now.")}
    headers = _HEADERS[status] if "$ref" in content else {}
    found: Schema = {"description": _("Done."), "content": {"application/json": {"schema": content}}}
    return found | ({"headers": headers} if headers else {})


def plain(view: Any, name: str, summary: str) -> Schema:
    """An operation that answers some object: the root, whose token it is."""
    return operation(name, "api", summary, answers={200: {"type": "object"}}, errors=(400, 401, 403, 406, 429, 500))


def list_parameters(page: Any, filters: Mapping[str, Any]) -> list[Schema]:
    """Filters of a list page, and what every list understands."""
    found: list[Schema] = []
    for name, field in filters.items():
        part = field.fields[0] if getattr(field, "fields", None) else field
        schema = {k: v for k, v in schemas.of_field(part).items() if k != "description"}
        found.append({"name": name, "in": "query", "description": str(field.label or name), "schema": schema})
    names = sorted(page.sortable)
    own: dict[str, tuple[str, Schema]] = {
        "q": (_("Words to search for; the beginning of a word is enough."), {"type": "string"}),
        "or": (
            _("An alternative: filters as a query string of their own, which may be repeated."),
            {"type": "string", "examples": ["state=new&score_min=80"]},
        ),
        "sort": (
            _("A column; with a minus from the largest."),
            {"type": "string", "enum": [*names, *(f"-{n}" for n in names)]},
        ),
        "limit": (
            _("Records per answer."),
            {"type": "integer", "minimum": 1, "maximum": lists.MOST, "default": lists.USUAL},
        ),
        "after": (_("From a `next` link."), {"type": "string"}),
        "before": (_("From a `previous` link."), {"type": "string"}),
    }
    if lists.has_owner(page.model):
        own["mine"] = (_("Only your own."), {"type": "integer", "enum": [1]})
    return found + [
        {"name": name, "in": "query", "description": words, "schema": schema} for name, (words, schema) in own.items()
    ]


def result_of(page: Any) -> Any:
    """The model a hand-over's service returns, by its annotation; None where it says nothing."""
    performs = page.perform is not HandoverPage.perform
    function = page.perform if performs else getattr(page.service, "__wrapped__", page.service)
    try:
        return get_type_hints(function).get("return")
    except NameError:
        return None


def document_components(api: Any) -> Iterator[tuple[str, Schema]]:
    """Schemas of a document as a row of a list, as a single record, and of its lines."""
    name, costs = api.model.__name__, set(getattr(api.model, "COST_FIELDS", ()))
    row = outputs.component(api.columns(), optional=costs)
    text = {"type": "string"}
    row["properties"] = {"type": {"const": api.model._meta.model_name}, "name": text, "url": text, "page_url": text} | (
        row["properties"]
    )
    own = own_fields.answered(api.model)
    row["properties"] |= own
    row["required"] = ["type", "name", "url", "page_url", *row["required"], *own]
    if api.has_owner():
        row["properties"]["owner_name"] = {"type": ["string", "null"]}
    yield f"{name}Row", row
    further = outputs.component(api.further(), optional=costs)
    whole = {
        **row,
        "properties": row["properties"] | further["properties"],
        "required": row["required"] + further["required"],
    }
    if columns := api.line_columns():
        yield f"{name}Line", outputs.component(columns, optional=set(getattr(api.line_model(), "COST_FIELDS", ())))
        lines = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}Line"}}
        whole = {
            **whole,
            "properties": {**whole["properties"], "lines": lines},
            "required": [*whole["required"], "lines"],
        }
    steps = {"type": "array", "items": {"$ref": "#/components/schemas/Step"}}
    whole["properties"] = {**whole["properties"], "next_steps": steps}
    yield name, {**whole, "required": [*whole["required"], "next_steps"]}


def common_components() -> Iterable[tuple[str, str, Schema]]:
    """(kind, name, content) of what every operation refers to."""
    yield "schemas", "Problem", PROBLEM
    yield "schemas", "Step", STEP
    text: Schema = {"type": "string"}
    properties = {"type": text, "id": {"type": "integer"}, "name": text, "url": text}
    yield (
        "schemas",
        "AnyDocument",
        {"type": "object", "properties": properties, "required": ["type", "id", "name", "url"]},
    )
    for status, title in problems.TITLES.items():
        content = {problems.CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        yield (
            "responses",
            f"Problem{status}",
            {
                "description": str(title),
                "content": content,
                **({"headers": _HEADERS[status]} if status in _HEADERS else {}),
            },
        )
    yield "securitySchemes", "token", {"type": "http", "scheme": "bearer", "description": _("A token of your profile.")}

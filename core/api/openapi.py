"""OpenAPI 3.1 of the API: drf-spectacular walks the addresses, each is described from its document's declaration."""

from typing import Any

from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from core.api import bridge, lists, operations, schemas
from core.api.resources import ActView, DocumentView, ListView
from core.lifecycle import Verb
from core.remembered import Remembered

Schema = dict[str, Any]


def schema() -> Schema:
    """The whole description in the present language; the same for everybody, made anew when fields or choices change."""
    made, language = _descriptions(), translation.get_language() or "en"
    if language not in made:
        made[language] = _make()
    return made[language]


_descriptions: Remembered[dict[str, Schema]] = Remembered(dict)


def _make() -> Schema:
    found: Schema = Generator(urlconf=None).get_schema(public=True)
    found["info"]["description"] = _(
        "Documents and verbs of ZenCRM. A token is made on the page “API tokens” of your profile."
    )
    return found


class Generator(SchemaGenerator):
    """Describes our own views; others have no place below /api/."""

    def create_view(self, callback: Any, method: str, request: Any = None) -> Any:
        view = super().create_view(callback, method, request)
        self._set_schema_to_view(view, Description())
        return view

    def get_schema(self, request: Any = None, public: bool = False) -> Schema:
        for kind, name, content in operations.common_components():
            self.registry.register(ResolvedComponent(name=name, type=kind, schema=content, object=name))
        found: Schema = super().get_schema(request=request, public=public)
        return found


class Description(AutoSchema):
    """One operation, from the view's document."""

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Schema:
        self.registry, view = registry, self.view
        if hasattr(view, "describe"):
            own: Schema = view.describe(method)
            return own
        if not isinstance(view, DocumentView):
            return operations.plain(view, type(view).__name__.lower(), type(view).__doc__ or "")
        api = view.api
        self._components(api)
        if isinstance(view, ListView):
            return self._list(api) if method == "GET" else self._create(api)
        if isinstance(view, ActView):
            return self._act(api, view.act)
        return self._record(api) if method == "GET" else self._change(api)

    # --- Operations --------------------------------------------------------------------------------------------------

    def _list(self, api: Any) -> Schema:
        page = bridge.open_page(api.page("list"), schemas.READER)
        rows = {"type": "array", "items": _ref(f"{_name(api)}Row")}
        link = {"type": ["string", "null"], "format": "uri"}
        body = {
            "type": "object",
            "properties": {"next": link, "previous": link, "results": rows},
            "required": ["next", "previous", "results"],
        }
        return operations.operation(
            f"{api.prefix}_list",
            api.prefix,
            _("List: %(what)s") % {"what": api.model._meta.verbose_name_plural},
            parameters=operations.list_parameters(page, lists.filter_names(page)),
            answers={200: body},
            errors=(400, 401, 403, 406, 429, 500),
        )

    def _create(self, api: Any) -> Schema:
        body = self._input(f"{_name(api)}Create", schemas.of_record_page(api.page("create"), change=False))
        return operations.operation(
            f"{api.prefix}_create",
            api.prefix,
            _("Create: %(what)s") % {"what": api.model._meta.verbose_name},
            parameters=[operations.IDEMPOTENCY_KEY],
            body=body,
            answers={201: _ref(_name(api)), 204: None},
            errors=operations.WRITING,
        )

    def _record(self, api: Any) -> Schema:
        return operations.operation(
            f"{api.prefix}_get",
            api.prefix,
            _("Look at: %(what)s") % {"what": api.model._meta.verbose_name},
            parameters=[operations.ID],
            answers={200: _ref(_name(api))},
            errors=(308, 400, 401, 403, 404, 406, 429, 500),
        )

    def _change(self, api: Any) -> Schema:
        body = self._input(f"{_name(api)}Change", schemas.of_record_page(api.page("edit"), change=True))
        return operations.operation(
            f"{api.prefix}_change",
            api.prefix,
            _("Change: %(what)s") % {"what": api.model._meta.verbose_name},
            parameters=[operations.ID, operations.IF_MATCH],
            body=body,
            answers={200: _ref(_name(api)), 204: None},
            errors=(*operations.WRITING, 404, 412),
        )

    def _act(self, api: Any, act: str) -> Schema:
        known = api.all_acts()[act]
        if isinstance(known, Verb):
            form_class = import_string(known.form) if known.form else None
            body, answers = schemas.of_act(form_class, model=api.model), {200: _ref(_name(api)), 204: None}
            label = known.label
        else:
            page = api.handover_page(act)
            body, label = schemas.of_act(page.form_class, page), getattr(known, "label", "") or page.title
            made = self._made_by(page)
            answers = {200: made, 201: made, 204: None}
        name = f"{_name(api)}{act.title().replace('_', '')}"
        return operations.operation(
            f"{api.prefix}_{act}",
            api.prefix,
            str(label),
            parameters=[operations.ID, operations.IDEMPOTENCY_KEY],
            body=self._input(name, body),
            answers=answers,
            errors=(*operations.WRITING, 404),
            body_required="required" in body,
        )

    # --- Components --------------------------------------------------------------------------------------------------

    def _made_by(self, page: Any) -> Schema:
        """What a hand-over answers: the document its service says it returns."""
        from core.api.registry import api_of

        api = api_of(operations.result_of(page))
        if api is None:
            return _ref("AnyDocument")
        self._components(api)
        return _ref(_name(api))

    def _input(self, name: str, content: Schema) -> Schema:
        return self._register(name, content)

    def _components(self, api: Any) -> None:
        for name, content in operations.document_components(api):
            self._register(name, content)

    def _register(self, name: str, content: Schema) -> Schema:
        component = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, schema=content, object=name)
        self.registry.register_on_missing(component)
        return _ref(name)


def _name(api: Any) -> str:
    return str(api.model.__name__)


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}

"""Pages that do something with a record: perform a verb, hand over to the next document."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from core import history, lifecycle
from core.fields import forms as own_fields
from core.forms import Form
from core.lifecycle import Reason, Refused, Verb, verbs
from core.pages.base import (
    REFUSALS_OF_THE_DATABASE,
    Page,
    add_errors,
    as_json,
    is_editable,
    make_form,
    reasons_of,
    safe_next,
)


class _DoPage(Page):
    """What acts and hand-overs share: ask, perform, answer refusals as the same page with the reasons."""

    template_name = "pages/act.html"
    #: A template shown above the form, on the page and in the modal: what is going to happen.
    intro_template = ""

    def ask(self, subject: Any, form: Any, reasons: list[Reason], *, status: int = 200, **context: Any) -> HttpResponse:
        found = {"record": subject, "form": form, "reasons": reasons, "back": subject.get_absolute_url(), **context}
        return self.show(found, status=status, part="dialog" if self.in_modal else "")

    @property
    def wants_json(self) -> bool:
        return self.request.headers.get("Accept", "").startswith("application/json")


class ActPage(_DoPage):
    """One view for every verb of a model: GET asks (page or modal), POST performs."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record, verb = self.record(), self.verb()
        reasons = lifecycle.why_not(record, verb, request.user)
        form = self.whole_form(record, verb)
        return self.ask_verb(record, verb, form, reasons, status=409 if reasons else 200)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record, verb = self.record(), self.verb()
        form = self.whole_form(record, verb)
        if form is not None and not form.is_valid():
            if self.wants_json:
                return as_json(
                    [f"{form[n].label if n in form.fields else ''} {' '.join(e)}" for n, e in form.errors.items()], 422
                )
            return self.ask_verb(record, verb, form, [], status=422)
        try:
            self.perform(record, verb, form)
        except ValidationError as error:
            add_errors(form, error)
            return self.refused(record, verb, form, error, 422)
        except (Refused, *REFUSALS_OF_THE_DATABASE) as error:
            return self.refused(record, verb, form, error, 409)
        return self.done(record, verb)

    def verb(self) -> Verb:
        """The verb of the address: unknown, or only a hand-over's or job's -> 404; not this user's -> 403."""
        verb = verbs(self.model).get(self.kwargs["verb"])
        if verb is None or not verb.by_hand:
            raise Http404
        if not self.request.user.has_perm(verb.permission):
            raise PermissionDenied
        return verb

    def whole_form(self, record: Any, verb: Verb) -> Any:
        """The verb's form; one that completes the record also asks what administrators require of it."""
        form = self.form(record, verb)
        if getattr(form, "completes", False) and is_editable(record):
            own_fields.attach_required(form, self.model, record)
        return form

    def perform(self, record: Any, verb: Verb, form: Any) -> None:
        """Do it, with what the valid form says; answers to added fields are kept only if it is done."""
        found = own_fields.take(form, self.model) if form is not None else {}
        with transaction.atomic(), history.acting(self.request.user):
            if found:
                fresh = self.model._base_manager.select_for_update(of=("self",)).get(pk=record.pk)
                if columns := own_fields.put(fresh, found):
                    fresh.save(update_fields=[*columns, "updated_at"])
            getattr(record, verb.name)(by=self.request.user, **(form.cleaned_data if form else {}))

    def form(self, record: Any, verb: Verb) -> Any:
        if not verb.form:
            return None
        form_class = import_string(verb.form)
        extra = {"instance": record} if hasattr(form_class, "_meta") else {}
        return make_form(form_class, self.request, record=record, **extra)

    def refused(self, record: Any, verb: Verb, form: Any, error: Exception, status: int) -> HttpResponse:
        reasons = reasons_of(error)
        if self.wants_json:
            return as_json(reasons, status)
        # By its id alone: what refused us may also have taken the record out of this user's sight.
        fresh = self.model._base_manager.get(pk=record.pk)
        return self.ask_verb(fresh, verb, form, reasons, status=status)

    def ask_verb(self, record: Any, verb: Verb, form: Any, reasons: list[Reason], *, status: int = 200) -> HttpResponse:
        url = record.act_url(verb.name)
        return self.ask(
            record, form, reasons, status=status, title=verb.label, label=verb.label, tone=verb.tone, action=url
        )

    def done(self, record: Any, verb: Verb) -> HttpResponse:
        message = f"{record}: {verb.past or verb.label}."
        if self.wants_json:
            return JsonResponse({"message": message, "state": record.state})
        return self.go(safe_next(self.request, self.where_next(record)), message)

    def where_next(self, record: Any) -> str:
        """The record's page; the list, when the act has taken it out of this user's sight (assigned to somebody else)."""
        still_visible = self.queryset().filter(pk=record.pk).exists()
        return record.get_absolute_url() if still_visible else self.url("list") or "/"


class HandoverPage(_DoPage):
    """Creates the next document by its receiver's function, and opens it."""

    source: Any = None
    form_class: Any = None
    service: Any = None
    source_argument = ""
    #: The button's words; else the title.
    label: Any = ""
    #: The kind of record that is made: what administrators require of it is asked here.
    makes: Any = None

    def required_permission(self) -> str:
        return self.permission

    def queryset(self) -> Any:
        return self.source.objects.visible_to(self.request.user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        source = self.record()
        reasons = self.reasons(source)
        return self.ask_for(source, self.whole_form(source), reasons, status=409 if reasons else 200)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        source = self.record()
        form = self.whole_form(source)
        if form is not None and not form.is_valid():
            return self.ask_for(source, form, [], status=422)
        try:
            made = self.keep(source, form)
        except ValidationError as error:
            add_errors(form, error)
            return self.ask_for(source, form, reasons_of(error), status=422)
        except (Refused, *REFUSALS_OF_THE_DATABASE) as error:
            return self.ask_for(source, form, reasons_of(error), status=409)
        return self.go(self.success_url(made), self.success_message(made))

    def success_url(self, made: Any) -> str:
        return str(made.get_absolute_url())

    def success_message(self, made: Any) -> str:
        return _("%(record)s was created.") % {"record": made}

    def perform(self, source: Any, facts: dict[str, Any]) -> Any:
        return self.service(by=self.request.user, **{self.source_argument: source}, **facts)

    def whole_form(self, source: Any) -> Any:
        """The form, with what administrators require of the record that is made; None where nothing is to be asked."""
        form = self.form(source)
        if self.makes is None or not own_fields.required(self.makes):
            return form
        if form is None:
            form = make_form(Form, self.request, record=source)
        return own_fields.attach_required(form, self.makes, source if isinstance(source, self.makes) else None)

    def keep(self, source: Any, form: Any) -> Any:
        """Make the next record with what the valid form says: it is born with the answers to added fields."""
        facts = form.cleaned_data if form is not None else {}
        found = own_fields.take(form, self.makes) if form is not None else {}
        if self.makes is not None and isinstance(
            source, self.makes
        ):  # its next version: what was said of it still holds
            found = {"custom": source.custom | found.get("custom", {}), "tags": list(source.tags)}
        with own_fields.born_with(self.makes, found):
            return self.perform(source, facts)

    def initial(self, source: Any) -> dict[str, Any]:
        """What the form begins with, from the source."""
        return {}

    def form(self, source: Any) -> Any:
        if self.form_class is None:
            return None
        return make_form(self.form_class, self.request, record=source, initial=self.initial(source))

    def reasons(self, source: Any) -> list[Reason]:
        """Why not now, as the toolbar of the source says it."""
        step = next((s for s in source.next_steps(self.request.user) if s.url == self.request.path), None)
        return step.reasons if step else []

    def ask_for(self, source: Any, form: Any, reasons: list[Reason], *, status: int = 200) -> HttpResponse:
        label = self.label or self.title
        return self.ask(
            source, form, reasons, status=status, title=self.title, label=label, action=self.request.path, tone=""
        )

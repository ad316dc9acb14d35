"""Pages with a form: create and change a record, perform a verb, hand over to the next document."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from core import history, lifecycle
from core.fields import forms as own_fields
from core.lifecycle import Reason, Refused, Stale, Verb, verbs
from core.pages.base import (
    REFUSALS_OF_THE_DATABASE,
    Page,
    accepted,
    add_errors,
    as_json,
    is_editable,
    make_form,
    reasons_of,
    safe_next,
)
from core.privacy import watching


class FormPage(Page):
    """Create (no pk in the address) or change a record.

    With `service` a new record is made by that function (by=, **cleaned data); else by saving the form. What was typed is
    never lost: errors answer 422, refusals 409, both with the form as it was.
    """

    template_name = "pages/form.html"
    form_class: Any = None
    service: Any = None
    #: A `DocumentLinesFormSet` edited together with the record.
    lines: Any = None
    wide = False

    def required_permission(self) -> str:
        action = "change" if "pk" in self.kwargs else "add"
        return f"{self.model._meta.app_label}.{action}_{self.model._meta.model_name}"

    # --- Requests ----------------------------------------------------------------------------------------------------

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record = self.target()
        watching.saw(request, record)
        if reasons := self.refusals(record):
            return self.answer(self.whole_form(record), self.line_set(record), reasons, status=409)
        return self.answer(self.whole_form(record), self.line_set(record))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record = self.target()
        form, lines = self.whole_form(record), self.line_set(record)
        if lines is not None and (fragment := lines.fragment(request, form)):
            return fragment
        if not all([form.is_valid(), lines is None or lines.is_valid()]):
            return self.answer(form, lines, status=422)
        try:
            with transaction.atomic(), history.acting(request.user):
                if reasons := self.refusals(record, locked=True):
                    raise Refused(*reasons)
                saved = self.keep(form, lines)
        except ValidationError as error:
            add_errors(form, error)
            return self.answer(form, lines, [] if hasattr(error, "error_dict") else reasons_of(error), status=422)
        except (Refused, *REFUSALS_OF_THE_DATABASE) as error:
            return self.answer(form, lines, reasons_of(error), status=409)
        return self.go(safe_next(request, self.success_url(saved)), self.success_message(saved))

    def whole_form(self, record: Any) -> Any:
        """The form, with the fields that administrators have added to this kind of record."""
        return own_fields.attach(self.form(record), self.model, record)

    def keep(self, form: Any, lines: Any) -> Any:
        """Save the form, and what was answered to the added fields with it."""
        found = own_fields.take(form, self.model)
        if found and getattr(form, "instance", None) is not None:
            own_fields.put(form.instance, found)
        with own_fields.born_with(self.model, found):
            saved = self.save(form, lines)
        if columns := own_fields.put(saved, found) if found else []:
            saved.save(update_fields=[*columns, "updated_at"])
        return saved

    # --- Parts to override -------------------------------------------------------------------------------------------

    def target(self) -> Any:
        """The record to change, or None for a new one."""
        return self.record() if "pk" in self.kwargs else None

    def refusals(self, record: Any, *, locked: bool = False) -> list[Reason]:
        """Why this record cannot be changed now. `locked`: read the row again under a lock."""
        if record is None:
            return []
        if locked:
            record = self.model._base_manager.select_for_update(of=("self",)).get(pk=record.pk)
            if self.changed_meanwhile(record):
                return [Stale(_("Somebody has changed this record since you opened it. Your words are kept below."))]
        if is_editable(record):
            return []
        return [Reason(_("This can no longer be changed while “%(state)s”.") % {"state": record.get_state_display()})]

    def changed_meanwhile(self, record: Any) -> bool:
        seen = self.request.POST.get("_version", "")
        return bool(seen) and hasattr(record, "updated_at") and seen != version(record)

    def initial(self) -> dict[str, Any]:
        """Values of a new form: known fields may come from the address (?company=3)."""
        return {k: v for k, v in self.request.GET.items() if k in self.form_class.base_fields}

    def form(self, record: Any) -> Any:
        kwargs: dict[str, Any] = {"initial": self.initial()} if record is None else {}
        if hasattr(self.form_class, "_meta"):
            kwargs["instance"] = record
        return make_form(self.form_class, self.request, record=record, **kwargs)

    def line_set(self, record: Any) -> Any:
        if self.lines is None:
            return None
        data = self.request.POST if self.request.method == "POST" else None
        return self.lines(data, instance=record or self.model(), user=self.request.user)

    def save(self, form: Any, lines: Any) -> Any:
        """Make or change the record, inside a transaction."""
        if "pk" not in self.kwargs and self.service is not None:
            facts = dict(form.cleaned_data)
            if lines is not None:
                facts["lines"] = lines.facts()
            return self.service(by=self.request.user, **accepted(self.service, facts))
        new = form.instance.pk is None
        saved = self.save_form(form, new=new)
        if lines is not None:
            lines.save_to(saved)
        if new:
            history.record(f"{self.model._meta.model_name}.created", saved, by=self.request.user)
        return saved

    def save_form(self, form: Any, *, new: bool) -> Any:
        if new and hasattr(form.instance, "owner_id") and form.instance.owner_id is None:
            form.instance.owner = self.request.user
        return form.save()

    def success_url(self, saved: Any) -> str:
        return saved.get_absolute_url()

    def cancel_url(self, record: Any) -> str:
        """Where "Cancel" leads: back to the record, or to the list."""
        return record.get_absolute_url() if record else self.url("list") or "/"

    def success_message(self, saved: Any) -> str:
        return _("Saved.")

    # --- Answer ------------------------------------------------------------------------------------------------------

    def answer(self, form: Any, lines: Any, reasons: list[Reason] | None = None, *, status: int = 200) -> HttpResponse:
        record = form.instance if getattr(form, "instance", None) is not None and form.instance.pk else None
        name = str(self.model._meta.verbose_name)
        # The name on the record, not the half-typed one the form has put on its instance.
        heading = self.title or (_("Change %(name)s") if record else _("New %(name)s")) % {"name": name.lower()}
        context = {
            "title": heading,
            "form": form,
            "lines": lines,
            "reasons": reasons or [],
            "record": record,
            "version": self.request.POST.get("_version") or version(record),
            "cancel_url": safe_next(self.request, self.cancel_url(record)),
            "next": safe_next(self.request, ""),
            "wide": self.wide or lines is not None,
        }
        return self.show(context, status=status, part="dialog" if self.in_modal else "")


def version(record: Any) -> str:
    stamp = getattr(record, "updated_at", None)
    return stamp.isoformat() if stamp else ""


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
        form = self.form(record, verb)
        return self.ask_verb(record, verb, form, reasons, status=409 if reasons else 200)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record, verb = self.record(), self.verb()
        form = self.form(record, verb)
        if form is not None and not form.is_valid():
            if self.wants_json:
                return as_json(
                    [f"{form[n].label if n in form.fields else ''} {' '.join(e)}" for n, e in form.errors.items()], 422
                )
            return self.ask_verb(record, verb, form, [], status=422)
        try:
            getattr(record, verb.name)(by=request.user, **(form.cleaned_data if form else {}))
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
            from core.pages.boards import moves

            return JsonResponse({"message": message, "state": record.state, "moves": moves(record, self.request.user)})
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

    def required_permission(self) -> str:
        return self.permission

    def queryset(self) -> Any:
        return self.source.objects.visible_to(self.request.user)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        source = self.record()
        reasons = self.reasons(source)
        return self.ask_for(source, self.form(source), reasons, status=409 if reasons else 200)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        source = self.record()
        form = self.form(source)
        if form is not None and not form.is_valid():
            return self.ask_for(source, form, [], status=422)
        try:
            made = self.perform(source, form.cleaned_data if form else {})
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

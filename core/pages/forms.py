"""Pages with a form that create or change a record."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core import history
from core.fields import forms as own_fields
from core.lifecycle import Reason, Refused, Stale
from core.pages.base import (
    REFUSALS_OF_THE_DATABASE,
    Page,
    accepted,
    add_errors,
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

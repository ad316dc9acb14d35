"""Pages that act on everything about a person: give it out as a ZIP, erase it; and the register of erasures."""

from typing import Any

import django_filters
from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.filters import FilterSet
from core.forms import Form
from core.lifecycle import Reason
from core.models import Erasure
from core.pages import Column, DetailPage, ListPage, Panel
from core.privacy import erasing, exporting, person, plan, watching
from core.privacy.people import PersonAct

EXPORT = "core.export_person"


class _WithPlan(PersonAct):
    """The question stands below everything that was found."""

    def ask_for(self, source: Any, form: Any, reasons: list[Reason], *, status: int = 200) -> HttpResponse:
        found = plan.make(person.find(source))
        words = {"title": self.title, "label": self.label, "action": self.request.path, "tone": self.tone}
        return self.ask(source, form, reasons, status=status, plan=found, **words)


class ExportPerson(_WithPlan):
    """What will be in the ZIP; the ZIP itself by POST, made on the spot and kept nowhere."""

    permission = EXPORT
    title = gettext_lazy("Everything about this person")
    label = gettext_lazy("Download as ZIP")
    intro_template = "core/privacy/export_intro.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        source = self.record()
        found = person.find(source)
        file = exporting.archive(plan.make(found))
        for record in found.records:
            watching.saw(request, record, watching.Act.EXPORTED)
        name = f"{source._meta.model_name}-{source.pk}-{timezone.localdate():%Y-%m-%d}.zip"
        answer = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
        answer["Cache-Control"] = "private, no-store"
        return answer


class EraseForm(Form):
    """Why, and that it is meant."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"), choices=[c for c in Erasure.Reason.choices if c[0] != Erasure.Reason.RETENTION]
    )
    sure = forms.BooleanField(
        label=gettext_lazy("I have read what goes and what stays. There is no way back."),
        error_messages={"required": gettext_lazy("Tick this to erase the data.")},
    )


class ErasePerson(_WithPlan):
    permission = erasing.ERASE
    title = gettext_lazy("Erase this person's data")
    label = gettext_lazy("Erase for good")
    tone = "danger"
    form_class = EraseForm
    intro_template = "core/privacy/erase_intro.html"

    def perform(self, source: Any, facts: dict[str, Any]) -> Erasure:
        watching.saw(self.request, source, watching.Act.ERASED)
        return erasing.erase(source, by=self.request.user, reason=facts["reason"])

    def success_message(self, made: Erasure) -> str:
        if made.kept:
            return _("The data are erased; the law keeps %(n)d documents.") % {"n": len(made.kept)}
        return _("The data are erased.")


class ErasureFilter(FilterSet):
    reason = django_filters.MultipleChoiceFilter(label=gettext_lazy("Reason"), choices=Erasure.Reason.choices)
    at = django_filters.DateFromToRangeFilter(label=gettext_lazy("At"))

    class Meta:
        model = Erasure
        fields: tuple[str, ...] = ()


class ErasureList(ListPage):
    model = Erasure
    title = gettext_lazy("Register of erasures")
    columns = (
        Column("at", kind="datetime", url="core:erasure_detail"),
        Column("subject", kind="any", label=gettext_lazy("Person"), sort=False),
        Column("reason", hide_on_phone=True),
        Column("by_name"),
        Column("review_on", kind="date", hide_on_phone=True),
    )
    filterset = ErasureFilter
    search_fields = ("by_name",)
    default_sort = "-at"
    empty_text = gettext_lazy("Nobody's data were erased yet.")


class ErasureDetail(DetailPage):
    """What was erased, per kind, and what the law keeps, document by document."""

    model = Erasure
    timeline = False
    template_name = "core/privacy/erasure_detail.html"
    panels = (
        Panel(
            gettext_lazy("Erasure"),
            (("subject", gettext_lazy("Person")), "reason", "at", "by_name", "review_on"),
            icon="eraser",
        ),
    )

    def context(self, record: Erasure) -> dict[str, Any]:
        from django.apps import apps

        def named(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [row | {"kind": apps.get_model(row["kind"])._meta.verbose_name_plural} for row in rows]

        return super().context(record) | {"done": named(record.done), "kept": named(record.kept)}

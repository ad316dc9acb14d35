"""Pages of sequences, of their steps, and of the people in them."""

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import formats, history
from core.lifecycle import Reason, Refused
from core.pages import ActPage, Column, DetailPage, FormPage, HandoverPage, ListPage, Page, Panel
from core.pages.base import make_form
from core.pages.details import Attribute
from leads.models import Enrolment, Lead, Sequence, SequenceStep
from leads.nurture import audience, enrolling, figures
from leads.nurture.filters import EnrolmentFilter, SequenceFilter
from leads.nurture.forms import EnrolForm, EnrolmentForm, EnrolSegmentForm, SequenceForm, StepForm
from parties.models import Contact


class SequenceList(ListPage):
    model = Sequence
    columns = (
        Column("name", link=True),
        Column("state"),
        Column("kind", hide_on_phone=True),
        Column("purpose", hide_on_phone=True),
        Column("people", kind="number", label=gettext_lazy("People"), sort=False),
        Column("owner", hide_on_phone=True),
    )
    filterset = SequenceFilter
    search_fields = ("name",)
    default_sort = "name"
    views = ((gettext_lazy("Active sequences"), "state=active"),)
    empty_text = gettext_lazy("Write to people step by step, and let what they do decide what comes next.")

    def queryset(self) -> Any:
        return super().queryset().annotate(people=Count("enrolments"))


class SequenceDetail(DetailPage):
    model = Sequence
    template_name = "leads/nurture/sequence_detail.html"
    panels = (
        Panel(gettext_lazy("Sequence"), ("kind", "segment", "purpose", "measuring"), icon="route-2"),
        Panel(
            gettext_lazy("When, and until when"),
            ("working_days", "from_hour", "to_hour", "stop_on_reply", "stop_on_conversion", "stop_on_loss"),
            icon="clock",
        ),
    )

    def context(self, record: Sequence) -> dict[str, Any]:
        found = super().context(record)
        standing, of_step = figures.of_people(record), figures.of_steps(record)
        steps = list(record.steps.select_related("template"))
        found["figures"] += [
            Attribute(_("People"), formats.number(standing.total)),
            Attribute(_("Under way"), formats.number(standing.states.get(Enrolment.State.ACTIVE, 0))),
        ]
        return found | {
            "rows": [(step, of_step.get(step.pk, figures.Figures())) for step in steps],
            "funnel": figures.funnel(standing, steps, of_step) if standing.total else None,
            "standing": standing,
            "may_change": self.may("change") and record.state in (Sequence.State.DRAFT, Sequence.State.PAUSED),
            "problem": self._problem(record),
            "people_url": f"{reverse('leads:enrolment_list')}?sequence={record.pk}",
        }

    def _problem(self, record: Sequence) -> str:
        """That nobody comes in any more because the segment's filter makes no sense."""
        if record.segment is None or record.state == Sequence.State.CLOSED:
            return ""
        return audience.wrong(audience.narrowed(record.segment.kind, record.segment.query, self.request.user))


class SequenceCreate(FormPage):
    model = Sequence
    form_class = SequenceForm


class SequenceEdit(FormPage):
    model = Sequence
    form_class = SequenceForm


class SequenceAct(ActPage):
    model = Sequence


# --- Steps ----------------------------------------------------------------------------------------------------------------


class _Step(FormPage):
    """A step belongs to its sequence: who may change that may change its steps, while it is not being worked off."""

    model = Sequence
    form_class = StepForm

    def required_permission(self) -> str:
        return "leads.change_sequence"

    def sequence(self) -> Any:
        return self.fetch(self.queryset(), self.kwargs["pk"])

    def target(self) -> Any:
        return self.sequence()

    def refusals(self, record: Any, *, locked: bool = False) -> list[Reason]:
        if record is not None and record.state == Sequence.State.ACTIVE:
            return [Reason(_("Pause the sequence first: people are on their way through it."))]
        return super().refusals(record, locked=False)

    def step(self, sequence: Sequence) -> SequenceStep:
        """The one of the address, else a new one behind the last."""
        if "step" not in self.kwargs:
            last = sequence.steps.last()
            return SequenceStep(sequence=sequence, position=last.position + 1 if last else 1, days=3 if last else 0)
        found: SequenceStep = self.fetch(sequence.steps.all(), self.kwargs["step"])
        found.sequence = sequence
        return found

    def form(self, record: Any) -> Any:
        return make_form(StepForm, self.request, instance=self.step(record))

    def whole_form(self, record: Any) -> Any:
        return self.form(record)

    def keep(self, form: Any, lines: Any) -> Any:
        form.save()
        sequence = form.instance.sequence
        history.record("sequence.rewritten", sequence, by=self.request.user, data={"note": str(form.instance)})
        return sequence

    def cancel_url(self, record: Any) -> str:
        return str(self.sequence().get_absolute_url())


class StepCreate(_Step):
    title = gettext_lazy("New step")


class StepEdit(_Step):
    title = gettext_lazy("Change the step")


class StepRemove(Page):
    """Take a step out (POST only). Whoever was to take it goes on at the one that follows."""

    model = Sequence
    permission = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sequence = self.record()
        step = self.fetch(sequence.steps.all(), self.kwargs["step"])
        if sequence.state == Sequence.State.ACTIVE or not sequence.is_editable:
            messages.warning(request, _("Pause the sequence first: people are on their way through it."))
            return self.go(sequence.get_absolute_url())
        step.delete()
        history.record("sequence.rewritten", sequence, by=request.user, data={"note": str(step)})
        return self.go(sequence.get_absolute_url(), _("The step was taken out."))


# --- People ---------------------------------------------------------------------------------------------------------------


class EnrolmentList(ListPage):
    model = Enrolment
    columns = (
        Column("email", kind="text", link=True),
        Column("sequence", link="sequence"),
        Column("state"),
        Column("position", label=gettext_lazy("Step"), kind="number", hide_on_phone=True),
        Column("due_at", hide_on_phone=True),
        Column("why", hide_on_phone=True),
        Column("owner", hide_on_phone=True),
    )
    filterset = EnrolmentFilter
    search_fields = ("email", "sequence__name")
    bulk_verbs = ("pause", "resume", "stop")
    views = ((gettext_lazy("Under way"), "state=active"),)
    empty_text = gettext_lazy("Put leads or contacts into a sequence, from their page or by a segment.")


class EnrolmentDetail(DetailPage):
    model = Enrolment
    template_name = "leads/nurture/enrolment_detail.html"
    panels = (
        Panel(
            gettext_lazy("Way through the sequence"),
            (("subject", gettext_lazy("Person")), "sequence", "position", "due_at", "why", "ended_at", "email"),
            icon="walk",
        ),
    )

    def context(self, record: Enrolment) -> dict[str, Any]:
        title = f"{record.subject or record}: {record.sequence}"
        return super().context(record) | {
            "title": title,
            "sends": list(record.sends.select_related("edition", "delivery")),
        }


class EnrolmentCreate(FormPage):
    model = Enrolment
    form_class = EnrolmentForm
    title = gettext_lazy("Put somebody into a sequence")

    def save(self, form: Any, lines: Any) -> Enrolment:
        facts = form.cleaned_data
        person = facts["lead"] or facts["contact"]
        return enrolling.enrol(by=self.request.user, sequence=facts["sequence"], person=person)


class EnrolmentAct(ActPage):
    model = Enrolment


class EnrolLead(HandoverPage):
    source: Any = Lead
    title = gettext_lazy("Put into a sequence")
    label = gettext_lazy("Put in")
    form_class = EnrolForm
    service = staticmethod(enrolling.enrol)
    source_argument = "person"
    permission = enrolling.ADD

    def success_message(self, made: Enrolment) -> str:
        return _("They are in the sequence “%(sequence)s” now.") % {"sequence": made.sequence}


class EnrolContact(EnrolLead):
    source = Contact


class EnrolSegment(HandoverPage):
    """Put everybody of a segment in who may be written to."""

    source = Sequence
    title = gettext_lazy("Put a segment in")
    label = gettext_lazy("Put in")
    form_class = EnrolSegmentForm
    permission = enrolling.ADD

    def perform(self, source: Sequence, facts: dict[str, Any]) -> Sequence:
        if source.state not in (Sequence.State.ACTIVE, Sequence.State.PAUSED):
            raise Refused(_("Only a sequence that was started takes people in."))
        self.found = enrolling.enrol_segment(sequence=source, by=self.request.user, **facts)
        return source

    def success_message(self, made: Sequence) -> str:
        words = ngettext("%(n)s person came in.", "%(n)s people came in.", self.found)
        left = _("Who has not agreed to the purpose, or has been in it before, was left out.")
        return f"{words % {'n': formats.number(self.found)}} {left}"

"""Pages of activities, notes and their files."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from activities import records, reports, services, subjects
from activities.filters import ActivityFilter
from activities.forms import ActivityForm, CompleteForm, NoteForm
from activities.models import Activity, Note, Plan
from core.lifecycle import Reason, Refused
from core.pages import Column, DetailPage, FormPage, HandoverPage, ListPage, Page, Panel
from core.pages.base import make_form, reasons_of, safe_next
from core.pages.downloads import download


class MyDay(Page):
    """What I have to do: overdue, today, coming."""

    model = Activity
    template_name = "activities/my_day.html"
    title = gettext_lazy("My day")

    def get(self, request: HttpRequest) -> HttpResponse:
        groups = reports.my_day(request.user)
        return self.show(
            {
                "groups": groups,
                "nothing": not any(group.tasks for group in groups),
                "icons": records.ICONS,
                "may_change": self.may("change"),
                "create_url": self.url("create") if self.may("add") else "",
                "list_url": self.url("list"),
            }
        )


class ActivityList(ListPage):
    model = Activity
    columns = (
        Column("summary", link=True),
        Column("kind"),
        Column("due_on", kind="date"),
        Column("owner", kind="person"),
        Column("done_at", kind="date", hide_on_phone=True),
    )
    filterset = ActivityFilter
    search_fields = ("summary", "outcome")
    default_sort = "due_on"
    views = (
        (gettext_lazy("To do"), "done=false"),
        (gettext_lazy("Mine to do"), "done=false&mine=1"),
        (gettext_lazy("Done"), "done=true&sort=-done_at"),
    )


class _OneActivity:
    """An activity is seen by those who see it, and by those who see the record it is about."""

    def fetch(self, queryset: Any, pk: int) -> Any:
        try:
            activity = Activity.objects.select_related("owner", "subject_type").get(pk=pk)
        except (Activity.DoesNotExist, OverflowError) as error:
            raise Http404 from error
        user = self.request.user  # type: ignore[attr-defined]
        if Activity.objects.visible_to(user).filter(pk=pk).exists():
            return activity
        if not subjects.is_visible(activity.subject_type, activity.subject_id, user):
            raise Http404
        return activity


class ActivityDetail(_OneActivity, DetailPage):
    model = Activity
    template_name = "activities/activity_detail.html"
    figures = ("due_on",)
    panels = (Panel(gettext_lazy("Activity"), ("kind", "due_on", "owner", "done_at", "outcome"), icon="checkbox"),)

    def context(self, record: Activity) -> dict[str, Any]:
        (task,) = reports.with_subjects([record], self.request.user)
        return super().context(record) | {"subject": task.subject}


class ActivityCreate(FormPage):
    """Schedule an activity, about the record of the address or about a company chosen in the form."""

    model = Activity
    form_class = ActivityForm
    title = gettext_lazy("Schedule an activity")

    def about(self) -> Any:
        if "model" not in self.kwargs:
            return None
        return subjects.subject_of(self.request.user, self.kwargs["app"], self.kwargs["model"], self.kwargs["subject"])

    def form(self, record: Any) -> Any:
        return make_form(self.form_class, self.request, about=self.about(), initial=self.initial())

    def save(self, form: Any, lines: Any) -> Activity:
        facts = dict(form.cleaned_data)
        subject = form.about or facts.pop("company")
        return services.schedule(subject=subject, by=self.request.user, **facts)

    def success_url(self, saved: Activity) -> str:
        subject: Any = saved.subject
        return str(subject.get_absolute_url())


class PlanStart(Page):
    """The plans that fit a record, each with its steps and a button."""

    model = Activity
    permission = "add"
    template_name = "activities/plans.html"
    title = gettext_lazy("Start a plan")

    def subject(self) -> Any:
        return subjects.subject_of(self.request.user, self.kwargs["app"], self.kwargs["model"], self.kwargs["subject"])

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.ask(self.subject())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        subject, chosen = self.subject(), request.POST.get("plan", "")
        plans = Plan.objects.fitting(subject)
        plan = (
            plans.filter(pk=int(chosen)).first() if chosen.isascii() and chosen.isdigit() and len(chosen) < 19 else None
        )
        if plan is None:
            return self.ask(subject, [Reason(_("This plan cannot be started here."))], status=409)
        try:
            started = services.start_plan(plan=plan, subject=subject, by=request.user)
        except Refused as error:
            return self.ask(subject, reasons_of(error), status=409)
        words = ngettext("%(plan)s: %(n)d activity planned.", "%(plan)s: %(n)d activities planned.", len(started))
        return self.go(subject.get_absolute_url(), words % {"plan": plan, "n": len(started)})

    def ask(self, subject: Any, reasons: Any = (), status: int = 200) -> HttpResponse:
        context = {
            "record": subject,
            "plans": Plan.objects.fitting(subject).prefetch_related("steps"),
            "reasons": reasons,
            "action": self.request.path,
            "back": subject.get_absolute_url(),
        }
        return self.show(context, status=status, part="dialog" if self.in_modal else "")


class ActivityEdit(_OneActivity, FormPage):
    model = Activity
    form_class = ActivityForm


class _ActivityAct(_OneActivity, HandoverPage):
    """A question and its answer about one activity, as a page or in the dialog."""

    source = Activity
    source_argument = "activity"
    permission = "activities.change_activity"

    def success_url(self, made: Activity) -> str:
        subject: Any = made.subject or made
        return safe_next(self.request, subject.get_absolute_url())

    def success_message(self, made: Activity) -> str:
        return f"{made}: {self.label}."

    def ask_for(self, source: Activity, form: Any, reasons: list[Reason], *, status: int = 200) -> HttpResponse:
        back = safe_next(self.request, source.get_absolute_url())
        words = {"title": self.label, "label": self.label, "tone": "", "action": self.request.get_full_path()}
        return self.ask(source, form, reasons, status=status, back=back, **words)


class CompleteActivity(_ActivityAct):
    label = gettext_lazy("Done")
    form_class = CompleteForm
    service = staticmethod(services.complete)


class ReopenActivity(_ActivityAct):
    label = gettext_lazy("Reopen")
    service = staticmethod(services.reopen)


class NoteCreate(Page):
    """Take a note from the composer of a record's page; what is wrong with it is said on a page of its own."""

    model = Note
    permission = "add"
    template_name = "activities/note_form.html"
    title = gettext_lazy("Note")

    def subject(self) -> Any:
        return subjects.subject_of(self.request.user, self.kwargs["app"], self.kwargs["model"], self.kwargs["subject"])

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.ask(self.subject(), make_form(NoteForm, request, prefix="note"))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        subject = self.subject()
        form = make_form(NoteForm, request, record=subject, prefix="note")
        if not form.is_valid():
            return self.ask(subject, form, status=422)
        facts = form.cleaned_data
        names = ", ".join(file.name for file in facts["uploads"])
        note = services.add_note(subject=subject, body=facts["body"] or names, by=request.user, files=facts["uploads"])
        messages.success(request, _("Noted."))
        if note.untold:
            people = {"people": ", ".join(str(user) for user in note.untold)}
            messages.warning(request, _("Not told, because they may not see this record: %(people)s") % people)
        return self.go(f"{subject.get_absolute_url()}#timeline")

    def ask(self, subject: Any, form: Any, status: int = 200) -> HttpResponse:
        return self.show({"form": form, "record": subject, "back": subject.get_absolute_url()}, status=status)


class FileDownload(Page):
    """A note's file, for those who see the record the note is about."""

    permission = ""

    def get(self, request: HttpRequest, note: int, pk: int) -> HttpResponse:
        found = Note.objects.filter(pk=note).select_related("subject_type").first() if note < 2**63 else None
        if found is None or not subjects.is_visible(found.subject_type, found.subject_id, request.user):
            raise Http404
        file = found.files.filter(pk=pk).first() if pk < 2**63 else None
        if file is None:
            raise Http404
        return download(file.name, file.read(), mime=file.mime)

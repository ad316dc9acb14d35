"""Pages of assignment: the rules, what a rule would have done, and why somebody did not get a lead."""

from typing import Any

import django_filters
from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import charts, formats
from core.filters import FilterSet
from core.forms import Form
from core.pages import Column, DetailPage, FormPage, ListPage, Page
from core.pages.base import make_form
from core.pages.details import Attribute
from leads.assigning import asking, rooms, simulating, wording
from leads.assigning.forms import RuleForm
from leads.assigning.showing import worded
from leads.models import Assignment, AssignmentRule, Lead
from people.models import User

#: Days that may be looked back.
DAYS = ((7, _("7 days")), (30, _("30 days")), (90, _("90 days")))


class RuleFilter(FilterSet):
    active = django_filters.BooleanFilter(label=_("Active"))

    class Meta:
        model = AssignmentRule
        fields: tuple[str, ...] = ()


class RuleList(ListPage):
    model = AssignmentRule
    columns = (
        Column("position"),
        Column("name", link=True),
        Column("active"),
        Column("sla_minutes", label=_("First contact (minutes)"), hide_on_phone=True),
    )
    filterset = RuleFilter
    search_fields = ("name",)
    default_sort = "position"
    empty_text = _("Without a rule, leads that nobody owns wait for somebody to take them.")


class RuleDetail(DetailPage):
    model = AssignmentRule
    template_name = "leads/assigning/rule_detail.html"

    def context(self, record: AssignmentRule) -> dict[str, Any]:
        members = list(record.members.select_related("user").order_by("pk"))
        day, found = rooms.Team((member.user_id for member in members), timezone.now()).rooms(record, members)
        people = [
            {
                "member": member,
                "room": wording.room(room.facts),
                "why": wording.other(room.facts) if room.why_not else "",
            }
            for member, room in zip(members, found, strict=False)
        ]
        shown = super().context(record)
        shown["panels"] = [
            {"title": _("Which leads"), "icon": "filter", "rows": asked(record)},
            {"title": _("Promise and time"), "icon": "clock", "rows": promised(record)},
        ]
        when = formats.date(day) if day else ""
        return shown | {"people": people, "day": when, "members": members, "latest": latest(record, self.request.user)}


def asked(rule: AssignmentRule) -> list[Attribute]:
    """What a rule asks for, in words."""
    rows = [Attribute(label, text) for label, text in wording.conditions(rule) if text]
    return rows or [Attribute(_("Leads"), _("All"))]


def promised(rule: AssignmentRule) -> list[Attribute]:
    promise = wording.duration(rule.sla_minutes) if rule.sla_minutes else _("Nothing is promised")
    full = _("Leads are given all the same") if rule.give_when_full else _("Leads wait for the next day")
    return [
        Attribute(_("Active"), _("yes") if rule.active else _("no")),
        Attribute(_("For leads since"), formats.datetime(rule.active_since) if rule.active else "—"),
        Attribute(_("First contact within"), promise),
        Attribute(_("A new lead takes"), wording.duration(rule.minutes_per_lead)),
        Attribute(_("An open lead takes, each day"), wording.duration(rule.minutes_per_open_lead)),
        Attribute(_("An activity due takes"), wording.duration(rule.minutes_per_activity)),
        Attribute(_("When nobody has time left"), full),
    ]


def latest(rule: AssignmentRule, user: Any, most: int = 10) -> list[Assignment]:
    """The last leads it gave, of those the reader may see."""
    rows = rule.assignments.filter(lead__in=Lead.objects.visible_to(user)).select_related("lead", "user")
    return [worded(row) for row in rows[:most]]


class RuleCreate(FormPage):
    model = AssignmentRule
    form_class = RuleForm


class RuleEdit(RuleCreate):
    """The same form on a known rule."""


class LookBack(Form):
    """How far to look back; what is no number of days is 30."""

    days = forms.TypedChoiceField(label=_("Period"), choices=DAYS, coerce=int)


def days_of(request: HttpRequest) -> int:
    wanted = request.GET.get("days", "")
    return int(wanted) if wanted in {str(days) for days, _label in DAYS} else 30


class RuleSimulation(Page):
    """What the rule would have done with the leads of the last days. Nothing is written."""

    model = AssignmentRule
    template_name = "leads/assigning/simulation.html"
    title = _("What this rule would have done")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rule, days = self.record(), days_of(request)
        form = make_form(LookBack, request, initial={"days": days})
        return self.show_later("result", lambda: {"record": rule, "form": form}, lambda: self.played(rule, days))

    def played(self, rule: AssignmentRule, days: int) -> dict[str, Any]:
        found = simulating.simulate(rule, days=days)
        seen = set(
            Lead.objects.visible_to(self.request.user)
            .filter(pk__in=[g.lead for g in found.given])
            .values_list("pk", flat=True)
        )
        tallies = list(found.tallies.values())
        chart = charts.bars(
            self.title,
            [tally.name for tally in tallies],
            {_("By weight"): [tally.share for tally in tallies], _("Would have got"): [tally.got for tally in tallies]},
            written=lambda value: formats.number(value, 1),
        )
        return {"found": found, "tallies": tallies, "seen": seen, "drawing": chart, "most": simulating.MOST}


class WhyNotMe(Page):
    """For managers: the leads that passed somebody by, and why."""

    model = Assignment
    permission = "leads.view_assignment"
    template_name = "leads/assigning/why_not_me.html"
    title = _("Why not me")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        days, people = days_of(request), asking.choices()
        form = make_form(AskForm, request, initial={"days": days, "person": request.GET.get("person", "")})
        form.fields["person"].choices = [("", _("Choose…")), *people]
        person = self.person(dict(people))
        answer = asking.ask(person, request.user, days=days) if person else None
        return self.show({"form": form, "person": person, "answer": answer, "shown": asking.SHOWN, "people": people})

    def person(self, known: dict[int, str]) -> User | None:
        wanted = self.request.GET.get("person", "")
        if not wanted:
            return None
        pk = next((pk for pk in known if str(pk) == wanted), None)
        if pk is None:
            raise Http404
        return User.objects.get(pk=pk)


class AskForm(LookBack):
    person = forms.ChoiceField(label=_("Who"))
    field_order = ("person", "days")

"""The form of an assignment rule: which leads, to whom in which proportion, and what is promised them."""

from typing import Any

from django import forms
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import ModelForm
from leads.assigning import territory
from leads.assigning.asks_form import Asks
from leads.assigning.inputs import WordsField, ticks
from leads.models import AssignmentMember, AssignmentRule
from leads.services import sellers
from parties.models import Language


class RuleForm(ModelForm):
    """Each salesperson has a weight; who has none gets nothing by this rule."""

    countries = WordsField(
        code=territory.country_code,
        label=gettext_lazy("Countries"),
        help_text=gettext_lazy("Names or letters, with commas: Germany, AT."),
    )
    regions = ticks(gettext_lazy("Regions of Italy"), territory.region_choices)
    provinces = WordsField(
        code=territory.province_code,
        label=gettext_lazy("Provinces"),
        help_text=gettext_lazy("Names or letters, with commas: Milano, BG."),
    )
    sources = WordsField(label=gettext_lazy("Sources"), help_text=gettext_lazy("Words, with commas: fair, website."))
    interests = WordsField(
        label=gettext_lazy("Interested in"),
        help_text=gettext_lazy("Words of the product, with commas: pumps, filters."),
    )
    languages = ticks(gettext_lazy("Languages"), Language.choices)

    class Meta:
        model = AssignmentRule
        fields = (
            *("name", "position", "active", "countries", "regions", "provinces", "sources", "interests", "campaigns"),
            *("languages", "score_from", "score_to", "sla_minutes", "minutes_per_lead", "minutes_per_open_lead"),
            *("minutes_per_activity", "give_when_full"),
        )
        help_texts = {
            "active": gettext_lazy("Try it first: the page of the rule shows what it would have done last month."),
            "position": gettext_lazy("The first rule that fits and has somebody gives the lead."),
            "sla_minutes": gettext_lazy("Otherwise the lead moves on to the next person. Empty: nothing is promised."),
            "give_when_full": gettext_lazy("Otherwise leads wait for the next day on which somebody has time."),
        }
        widgets = {"campaigns": forms.SelectMultiple(attrs={"size": 6})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            last = AssignmentRule.objects.aggregate(last=Max("position"))["last"] or 0
            self.initial.setdefault("position", last + 1)
        self.asks = Asks(self)
        self.people = self._weights()
        self.sections = (
            (_("Rule"), ("name", "position", "active")),
            (_("Where the lead is from: anywhere of these"), ("countries", "regions", "provinces")),
            (
                _("And of which leads: empty fits all"),
                ("sources", "interests", "campaigns", "languages", "score_from", "score_to"),
            ),
            (_("And what custom fields say: empty fits all"), self.asks.names),
            (_("Who gets them: weights from 1 to 100, empty for nobody"), tuple(self.people)),
            (_("First contact"), ("sla_minutes",)),
            (
                _("How much time people have"),
                ("minutes_per_lead", "minutes_per_open_lead", "minutes_per_activity", "give_when_full"),
            ),
        )

    def _weights(self) -> dict[str, int]:
        """A field for each salesperson, and for members who are none any more. Returns field name -> user id."""
        kept = {m.user_id: m for m in self.instance.members.select_related("user")} if self.instance.pk else {}
        people = {user.pk: str(user) for user in sellers()} | {pk: str(member.user) for pk, member in kept.items()}
        for pk, name in people.items():
            self.fields[f"weight_{pk}"] = forms.IntegerField(label=name, min_value=1, max_value=100, required=False)
            if pk in kept:
                self.initial[f"weight_{pk}"] = kept[pk].weight
        self._prepare()
        return {f"weight_{pk}": pk for pk in people}

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        low, high = found.get("score_from"), found.get("score_to")
        if low is not None and high is not None and high < low:
            self.add_error("score_to", _("The range ends before it begins."))
        self.asks.clean(found)
        wrong = any(name in self.errors for name in self.people)
        if found.get("active") and not wrong and not any(found.get(name) for name in self.people):
            self.add_error("active", _("Give somebody a weight first: nobody would get a lead."))
        return found

    def save(self, commit: bool = True) -> AssignmentRule:
        rule = self.instance
        if "active" in self.changed_data and rule.active:
            rule.active_since = timezone.now()
        rule.asks = self.asks.found(self.cleaned_data)
        saved: AssignmentRule = super().save(commit=commit)
        keep_members(saved, {pk: self.cleaned_data.get(name) for name, pk in self.people.items()})
        return saved


def keep_members(rule: AssignmentRule, weights: dict[int, int | None]) -> None:
    """Bring the members in line; with other people or weights everybody starts from nothing owed."""
    kept = {member.user_id: member for member in rule.members.all()}
    wanted = {pk: weight for pk, weight in weights.items() if weight}
    if wanted == {pk: member.weight for pk, member in kept.items()}:
        return
    rule.members.exclude(user__in=wanted).delete()
    for pk, weight in wanted.items():
        member = kept.get(pk) or AssignmentMember(rule=rule, user_id=pk)
        member.weight, member.credit = weight, 0
        member.save()

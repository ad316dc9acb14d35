"""What leads and campaigns are narrowed by, in the address of their lists."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet
from core.privacy.filters import ConsentingFilter
from leads.models import Campaign, CampaignMember, Lead, hot_from, reasons
from leads.services import sellers


class LeadFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Lead.State.choices)
    open = django_filters.BooleanFilter(label=_("Open"), method="narrow_open")
    hot = django_filters.BooleanFilter(label=_("Hot"), method="narrow_hot")
    unassigned = django_filters.BooleanFilter(label=_("Unassigned"), method="narrow_unassigned")
    owner = django_filters.ModelChoiceFilter(label=_("Owner"), queryset=lambda _request: sellers())
    score = django_filters.RangeFilter(label=_("Score"), field_name="scored__score")
    source = django_filters.CharFilter(label=_("Source"), lookup_expr="icontains")
    campaign = django_filters.ModelChoiceFilter(label=_("Campaign"), queryset=Campaign.objects.all())
    city = django_filters.CharFilter(label=_("City"), lookup_expr="istartswith")
    lost_reason = django_filters.MultipleChoiceFilter(label=_("Lost because"), choices=reasons.choices)
    created_at = django_filters.DateFromToRangeFilter(label=_("Created"))
    decision_by = django_filters.DateFromToRangeFilter(label=_("Decision by"))
    consent = ConsentingFilter()

    class Meta:
        model = Lead
        fields: tuple[str, ...] = ()

    def narrow_open(self, rows: Any, _name: str, value: bool) -> QuerySet[Lead]:
        return rows.open() if value else rows.exclude(state__in=Lead.OPEN_STATES)

    def narrow_hot(self, rows: Any, _name: str, value: bool) -> QuerySet[Lead]:
        if value:
            return rows.hot()
        return rows.filter(Q(scored__score=None) | Q(scored__score__lt=hot_from()))

    def narrow_unassigned(self, rows: Any, _name: str, value: bool) -> QuerySet[Lead]:
        return rows.unassigned() if value else rows.filter(owner__isnull=False)


class CampaignFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Campaign.State.choices)
    kind = django_filters.MultipleChoiceFilter(label=_("Kind"), choices=Campaign.Kind.choices)
    channel = django_filters.CharFilter(label=_("Channel"), lookup_expr="icontains")
    starts_on = django_filters.DateFromToRangeFilter(label=_("First day"))

    class Meta:
        model = Campaign
        fields: tuple[str, ...] = ()


class CampaignMemberFilter(FilterSet):
    campaign = django_filters.ModelChoiceFilter(label=_("Campaign"), queryset=Campaign.objects.all())
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=CampaignMember.State.choices)

    class Meta:
        model = CampaignMember
        fields: tuple[str, ...] = ()

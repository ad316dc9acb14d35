"""What the lists of sequences, mailings and people in sequences are narrowed by."""

import django_filters
from django.utils.translation import gettext_lazy as _

from core.filters import FilterSet
from leads.models import Enrolment, Mailing, Segment, Sequence
from leads.models.nurture import Kind


class SegmentFilter(FilterSet):
    kind = django_filters.MultipleChoiceFilter(label=_("People"), choices=Kind.choices)

    class Meta:
        model = Segment
        fields: tuple[str, ...] = ()


class SequenceFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Sequence.State.choices)
    kind = django_filters.MultipleChoiceFilter(label=_("People"), choices=Kind.choices)

    class Meta:
        model = Sequence
        fields: tuple[str, ...] = ()


class EnrolmentFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Enrolment.State.choices)
    sequence = django_filters.ModelChoiceFilter(label=_("Sequence"), queryset=Sequence.objects.all())
    why = django_filters.MultipleChoiceFilter(label=_("Stopped because"), choices=Enrolment.Why.choices)
    due_at = django_filters.DateFromToRangeFilter(label=_("Due"))

    class Meta:
        model = Enrolment
        fields: tuple[str, ...] = ()


class MailingFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Mailing.State.choices)
    segment = django_filters.ModelChoiceFilter(label=_("Segment"), queryset=Segment.objects.all())
    scheduled_for = django_filters.DateFromToRangeFilter(label=_("Goes out on"))
    started_at = django_filters.DateFromToRangeFilter(label=_("Sent on"))

    class Meta:
        model = Mailing
        fields: tuple[str, ...] = ()

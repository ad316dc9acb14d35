"""The register of access, for administrators."""

from typing import Any

import django_filters
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext_lazy

from core.filters import FilterSet
from core.models import DataAccess
from core.pages import Column, ListPage
from core.privacy.registry import person_models


def of_person(rows: Any, _name: str, value: str) -> Any:
    """Rows about `leads.lead-12`, as the panel of a person links here; none for nonsense."""
    name, _dash, pk = value.rpartition("-")
    model = next((m for m in person_models() if m._meta.label_lower == name), None)
    if model is None or not (pk.isascii() and pk.isdigit() and len(pk) < 19):
        return rows.none()
    return rows.filter(subject_type=ContentType.objects.get_for_model(model), subject_id=int(pk))


class DataAccessFilter(FilterSet):
    user = django_filters.ModelChoiceFilter(
        label=gettext_lazy("Who"), queryset=lambda _request: get_user_model().objects.order_by("username")
    )
    act = django_filters.MultipleChoiceFilter(label=gettext_lazy("What"), choices=DataAccess.Act.choices)
    at = django_filters.DateFromToRangeFilter(label=gettext_lazy("At"))
    about = django_filters.CharFilter(label=gettext_lazy("Person"), method=of_person)

    class Meta:
        model = DataAccess
        fields: tuple[str, ...] = ()


class DataAccessList(ListPage):
    model = DataAccess
    title = gettext_lazy("Register of access to personal data")
    columns = (
        Column("at", kind="datetime"),
        Column("user_name"),
        Column("act"),
        Column("subject", kind="any", label=gettext_lazy("Person"), sort=False),
        Column("subject_id", kind="text", label=gettext_lazy("Number of the record"), sort=False, hide_on_phone=True),
        Column("detail", hide_on_phone=True),
        Column("ip", hide_on_phone=True),
    )
    filterset = DataAccessFilter
    search_fields = ("user_name", "detail")
    default_sort = "-at"
    views = (
        (gettext_lazy("All"), ""),
        (gettext_lazy("Given out"), "act=listed&act=exported"),
        (gettext_lazy("By programs"), "act=program"),
    )
    empty_text = gettext_lazy("Nobody has looked at personal data yet.")

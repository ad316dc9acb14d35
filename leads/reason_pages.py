"""Pages for managers: the reasons for which leads and deals are lost."""

from typing import Any

import django_filters
from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from core.filters import FilterSet
from core.forms import ModelForm
from core.imports.choice import LANGUAGES
from core.pages import Column, DetailPage, FormPage, ListPage, Panel
from leads.models import LostReason
from leads.models.reasons import FIRST


class ReasonFilter(FilterSet):
    active = django_filters.BooleanFilter(label=gettext_lazy("Active"))

    class Meta:
        model = LostReason
        fields: tuple[str, ...] = ()


class ReasonForm(ModelForm):
    """Another label is another word for the same thing; a reason of its own wants a row of its own."""

    class Meta:
        model = LostReason
        fields = ("label", "position", "active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label"].required = True
        if self.instance.pk:
            self.initial["label"] = str(self.instance)

    def clean_label(self) -> str:
        label = str(self.cleaned_data["label"]).strip()
        if any(str(row).casefold() == label.casefold() for row in LostReason.objects.exclude(pk=self.instance.pk)):
            raise forms.ValidationError(_("There is a reason of this name already."))
        return "" if label in _ours(self.instance.code) else label

    def clean_active(self) -> bool:
        active = bool(self.cleaned_data["active"])
        if not active and not LostReason.objects.filter(active=True).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("One reason at least has to stay in use."))
        return active

    def save(self, commit: bool = True) -> LostReason:
        if not self.instance.pk:
            self.instance.code = _code(self.instance.label)
        saved: LostReason = super().save(commit=commit)
        return saved


def _ours(code: str) -> set[str]:
    """How we call this reason ourselves, in each language."""
    found = set()
    for language in LANGUAGES if code in FIRST else ():
        with override(language):
            found.add(str(FIRST[code]))
    return found


def _code(label: str) -> str:
    stem = slugify(label).replace("-", "_")[:16].strip("_") or "reason"
    taken = set(LostReason.objects.values_list("code", flat=True))
    return next(code for n in range(1, len(taken) + 2) if (code := stem if n == 1 else f"{stem}_{n}") not in taken)


class ReasonList(ListPage):
    model = LostReason
    columns = (
        Column("code", link=True, sort=False),
        Column("active"),
        Column("position"),
    )
    filterset = ReasonFilter
    search_fields = ("label", "code")
    default_sort = "position"


class ReasonDetail(DetailPage):
    model = LostReason
    panels = (Panel(gettext_lazy("Reason"), ("code", "position", "active")),)


class ReasonCreate(FormPage):
    model = LostReason
    form_class = ReasonForm


class ReasonEdit(FormPage):
    model = LostReason
    form_class = ReasonForm

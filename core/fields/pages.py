"""Pages for administrators: which fields and tags there are; and the tags of one record."""

from typing import Any

import django_filters
from django import forms
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.fields import indexes, tagging
from core.fields.definitions import takes_part
from core.fields.naming import name_from
from core.fields.tagging import TagsForm
from core.filters import FilterSet
from core.forms import ModelForm
from core.models import CustomField, Tag
from core.pages import Column, DetailPage, FormPage, ListPage, Page, Panel
from core.pages.base import make_form, model_url


def kinds() -> list[Any]:
    """The kinds of records that fields may be added to: those that people fill in on a form."""
    found = [m for m in apps.get_models() if takes_part(m) and (model_url(m, "edit", 0) or model_url(m, "create"))]
    return sorted(found, key=lambda model: str(model._meta.verbose_name).casefold())


def kind_choices() -> list[tuple[int, str]]:
    types = ContentType.objects.get_for_models(*kinds())
    return [(kind.pk, str(capfirst(model._meta.verbose_name_plural))) for model, kind in types.items()]


class FieldFilter(FilterSet):
    model = django_filters.ChoiceFilter(label=gettext_lazy("Kind of record"), choices=kind_choices)
    active = django_filters.BooleanFilter(label=gettext_lazy("Active"))

    class Meta:
        model = CustomField
        fields: tuple[str, ...] = ()


class FieldForm(ModelForm):
    """A field of one's own. What it is called inside, its kind, and whose it is never change."""

    model = forms.TypedChoiceField(label=gettext_lazy("Kind of record"), coerce=int)
    choices = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One per line; only for a field of choices."),
    )
    sections = (
        (gettext_lazy("Field"), ("model", "label", "kind", "choices", "help_text", "required")),
        (gettext_lazy("Where it is shown"), ("in_list", "position", "active", "name")),
    )

    class Meta:
        model = CustomField
        fields = ("label", "kind", "help_text", "required", "in_list", "position", "active", "name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        which: Any = self.fields["model"]
        which.choices = kind_choices()
        if self.instance.pk:
            self.initial.update(choices="\n".join(self.instance.choices), model=self.instance.model_id)
            for name in ("model", "kind", "name"):
                self.fields[name].disabled = True

    def clean_choices(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["choices"].splitlines()]
        found = list(dict.fromkeys(filter(None, lines)))
        if len(found) > 200 or any(len(line) > 120 for line in found):
            raise forms.ValidationError(_("At most 200 choices of at most 120 characters."))
        return found

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        is_choice = found.get("kind") == CustomField.Kind.CHOICE
        if is_choice and "choices" in found and len(found["choices"]) < 2:
            self.add_error("choices", _("Give at least two choices, one per line."))
        if not is_choice:
            found["choices"] = []
        if not self.instance.pk and "label" in found and "name" in found:
            found["name"] = found["name"] or name_from(found["label"])
            taken = CustomField.objects.filter(model=found.get("model"), name=found["name"])
            if "model" in found and taken.exists():
                self.add_error("name", _("There is a field of this name already."))
        return found

    def save(self, commit: bool = True) -> CustomField:
        self.instance.choices = self.cleaned_data["choices"]
        if not self.instance.pk:
            self.instance.model_id = self.cleaned_data["model"]
        saved: CustomField = super().save(commit=commit)
        transaction.on_commit(indexes.keep_later)
        return saved


class FieldList(ListPage):
    model = CustomField
    columns = (
        Column("label", link=True),
        Column("model_id", kind="of_type", label=gettext_lazy("Kind of record"), sort=False),
        Column("kind", label=pgettext_lazy("of a field", "Kind")),
        Column("required", hide_on_phone=True),
        Column("in_list", hide_on_phone=True),
        Column("active"),
        Column("name", hide_on_phone=True),
    )
    filterset = FieldFilter
    search_fields = ("label", "name")
    default_sort = "label"
    empty_text = gettext_lazy("Add what your company wants to know about its records: it appears everywhere at once.")


class FieldDetail(DetailPage):
    model = CustomField
    panels = (
        Panel(
            gettext_lazy("Field"),
            (
                ("kind_of_record", gettext_lazy("Kind of record")),
                ("kind", pgettext_lazy("of a field", "Kind")),
                ("choices_text", gettext_lazy("Choices")),
                *("help_text", "required", "in_list", "position", "active", "name"),
            ),
            icon="forms",
        ),
    )

    def record(self) -> Any:
        found: Any = super().record()
        found.choices_text = ", ".join(found.choices)
        found.kind_of_record = str(capfirst(found.model.model_class()._meta.verbose_name_plural))
        return found


class FieldCreate(FormPage):
    model = CustomField
    form_class = FieldForm


class FieldEdit(FormPage):
    model = CustomField
    form_class = FieldForm


class TagForm(ModelForm):
    class Meta:
        model = Tag
        fields = ("name", "colour")

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if Tag.objects.filter(name__iexact=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("There is a tag of this name already."))
        return name


class TagList(ListPage):
    model = Tag
    columns = (Column("name", link=True), Column("colour"), Column("created_at", hide_on_phone=True))
    search_fields = ("name",)
    default_sort = "name"
    empty_text = gettext_lazy("Tags group records of any kind: add the first.")


class TagDetail(DetailPage):
    model = Tag
    template_name = "core/tag_detail.html"
    panels = (Panel(gettext_lazy("Tag"), ("name", "colour"), icon="tag"),)

    def context(self, record: Any) -> dict[str, Any]:
        return super().context(record) | {"may_delete": self.may("delete")}


class TagCreate(FormPage):
    model = Tag
    form_class = TagForm


class TagEdit(FormPage):
    """A new name is carried to every record by a job."""

    model = Tag
    form_class = TagForm

    def save_form(self, form: Any, *, new: bool) -> Any:
        before = form.initial.get("name", "")
        saved = super().save_form(form, new=new)
        if before and before != saved.name:
            transaction.on_commit(lambda: tagging.replace_later(before, saved.name))
        return saved


class TagDelete(Page):
    """The tag is taken off every record, by a job (POST only)."""

    model = Tag
    permission = "delete"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        tag = self.record()
        name = tag.name
        with transaction.atomic():
            tag.delete()
            transaction.on_commit(lambda: tagging.replace_later(name))
        return self.go(reverse("core:tag_list"), _("The tag “%(name)s” is deleted.") % {"name": name})


class RecordTags(FormPage):
    """The tags of one record, whatever its state."""

    title = gettext_lazy("Tags")
    form_class = TagsForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        try:
            self.model = apps.get_model(kwargs["app"], kwargs["model"])
        except LookupError as error:
            raise Http404 from error
        if not takes_part(self.model) or not model_url(self.model, "detail", 0):
            raise Http404

    def refusals(self, record: Any, *, locked: bool = False) -> list[Any]:
        return []

    def whole_form(self, record: Any) -> Any:
        return make_form(TagsForm, self.request, record=record)

    def keep(self, form: Any, lines: Any) -> Any:
        tagging.put(form.record, by=self.request.user, tags=form.cleaned_data["tags"])
        return form.record

    def answer(self, form: Any, lines: Any, reasons: Any = None, *, status: int = 200) -> HttpResponse:
        context = {"title": self.title, "form": form, "reasons": reasons or []}
        context |= {"record": form.record, "cancel_url": form.record.get_absolute_url()}
        return self.show(context, status=status, part="dialog" if self.in_modal else "")

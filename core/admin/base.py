"""Admin pages of records and documents: rows through the user, verbs as buttons, history below, no way round the life cycle."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db import models
from django.forms import MultiWidget
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from djmoney.models.fields import MoneyField
from unfold.admin import ModelAdmin, TabularInline

from core import access, formats, fulltext, history
from core.admin import acts
from core.lifecycle import Verb, verbs
from core.pages.base import REFUSALS_OF_THE_DATABASE, reasons_of
from core.privacy import watching

#: Columns nobody reads; a currency stands with its amounts.
NEVER_SHOWN = ("id", "search", "token", "thread", "content", "custom", "tags", "currency")


@admin.display(description=_("About"))
def about(row: Any) -> str:
    """What a row is about, for a list: a column and a field of rows that hang on any kind of record."""
    return f"{capfirst(row.subject_type.name)} {row.subject_id}"


@cache
def amount(model: Any, name: str) -> Callable[[Any], str]:
    """A column of money as the pages write it, in lists by itself, in a form where it is named as this.

    A `Money` alone has Babel write it, which keeps 4 MB of locales for that.
    """

    @admin.display(description=model._meta.get_field(name).verbose_name, ordering=name)
    def shown(row: Any) -> str:
        return formats.money(getattr(row, name))

    return shown


class FirstPages(Paginator):
    """The first thousands: of 100,000 rows nobody turns to the last page, and to count them takes longer than the page."""

    #: Rows that can be turned to, and chosen all at once; others are found by a filter, or from the other end.
    MOST = 10_000

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[: self.MOST].count())


class RecordList(ChangeList):
    """A list without the words that its rows are found by; acts upon the rows read them whole."""

    def get_queryset(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        rows = super().get_queryset(request, *args, **kwargs)
        return rows.defer("search") if request.method == "GET" and fulltext.has_index(self.model) else rows


class RecordAdmin(ModelAdmin):
    """Rows are those the user may see, costs are left out for those who may not see them, edits carry their author."""

    list_per_page = 50
    paginator: Any = FirstPages
    list_before_template = "admin/first_pages.html"
    show_full_result_count = False
    list_filter_submit = True
    warn_unsaved_form = True

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, MultiWidget):  # its label belongs to no box: an amount's, say
            field.widget.widgets[0].attrs.setdefault("aria-label", field.label)
        return field

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return RecordList

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request)
        return rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        found = super().get_object(request, *args, **kwargs)
        watching.saw(request, found)
        return found

    def response_action(self, request: HttpRequest, queryset: Any) -> Any:
        """All that a list counts is all that is meant where all of it is chosen."""
        return super().response_action(request, queryset.filter(pk__in=queryset.values("pk")[: self.paginator.MOST]))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        return self._without_costs(request, super().get_fields(request, obj))

    def get_list_display(self, request: HttpRequest) -> Sequence[Any]:
        names = self._without_costs(request, super().get_list_display(request))
        amounts = {field.name for field in self.opts.concrete_fields if isinstance(field, MoneyField)}
        return [amount(self.model, name) if name in amounts else name for name in names]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        return self._without_costs(request, super().get_readonly_fields(request, obj))

    def _without_costs(self, request: HttpRequest, names: Sequence[Any]) -> list[Any]:
        hidden = () if access.can_see_costs(request.user) else getattr(self.model, "COST_FIELDS", ())
        return [name for name in names if name not in hidden]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """What the database refuses (a frozen row, a doubled key) is a message, and nothing is saved."""
        try:
            with history.acting(request.user):
                return super().changeform_view(request, *args, **kwargs)
        except REFUSALS_OF_THE_DATABASE as error:
            for reason in reasons_of(error):
                self.message_user(request, str(reason), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change and hasattr(obj, "thread_id"):
            history.record(f"{obj._meta.model_name}.created", obj, by=request.user)


class ViewOnlyAdmin(RecordAdmin):
    """Rows that are looked at, never typed."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LifecycleAdmin(RecordAdmin):
    """A document: its state moves by verbs only, called with the user of the request; frozen once it is no draft."""

    #: Documents are made by hand-overs; set this where a person may type one from nothing.
    addable = False
    change_form_outer_before_template = "admin/lifecycle/steps.html"
    change_form_outer_after_template = "admin/lifecycle/timeline.html"

    # --- Rights ------------------------------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.addable and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_editable)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # --- Fields ------------------------------------------------------------------------------------------------------

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        """State, number, and every column the model itself declares not editable."""
        declared = list(super().get_readonly_fields(request, obj))
        fixed = [f.name for f in self.opts.concrete_fields if not f.editable and f.name not in NEVER_SHOWN]
        return self._without_costs(request, [*declared, *(name for name in fixed if name not in declared)])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if formsets and hasattr(form.instance, "set_totals"):
            form.instance.set_totals()
            form.instance.save()

    # --- Verbs -------------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        """`<pk>/do/<verb>/` before the admin's own catch-all."""
        view = self.admin_site.admin_view(self.act_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_do"
        return [path("<path:object_id>/do/<slug:verb>/", view, name=name), *super().get_urls()]

    def act_url(self, record: Any, verb: str) -> str:
        opts = self.opts
        return reverse(f"{self.admin_site.name}:{opts.app_label}_{opts.model_name}_do", args=[record.pk, verb])

    def act_view(self, request: HttpRequest, object_id: str, verb: str) -> HttpResponse:
        return acts.one(self, request, object_id, verb)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        found = super().get_actions(request)
        for verb in verbs(self.model).values():
            if verb.by_hand and request.user.has_perm(verb.permission):
                found[f"do_{verb.name}"] = (_action(verb), f"do_{verb.name}", str(verb.label))
        return found

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> Any:
        context = dict(extra_context or {})
        record = self.get_object(request, object_id)
        if record is not None and self.has_view_permission(request, record):
            context["lifecycle_steps"] = acts.buttons(self, record, request.user)
            context["timeline"] = history.timeline(record, request.user)
        return super().change_view(request, object_id, form_url, context)


def _action(verb: Verb) -> Callable[..., Any]:
    def perform(model_admin: Any, request: HttpRequest, queryset: Any) -> Any:
        return acts.many(model_admin, request, queryset, verb)

    return perform


class Editable:
    """An inline that follows its document: seen with it, changed with it, and only while it can be changed."""

    parent_model: type[models.Model]

    def _may(self, request: HttpRequest, action: str) -> bool:
        return bool(request.user.has_perm(access.permission_name(action, self.parent_model)))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change") and (obj is None or getattr(obj, "is_editable", True))

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)


class LinesInline(Editable, TabularInline):
    """The lines of a document. Set `model`."""

    extra = 0
    # unfold's release for Python 3.12 and newer asks it the other way round, and warns of the old question at every start
    if hasattr(TabularInline, "show_title"):
        show_title = False
    else:
        hide_title = True
    verbose_name_plural = _("lines")
    fields = ("position", "description", "quantity", "unit", "unit_price", "discount", "vat_rate", "net", "unit_cost")
    readonly_fields = ("net",)
    ordering = ("position", "pk")
    #: Once nothing can be typed, figures are written as people read them.
    SHOWN: ClassVar[dict[str, str]] = {
        "quantity": "quantity_shown",
        "unit_price": "price_shown",
        "discount": "discount_shown",
        "vat_rate": "vat_shown",
        "unit_cost": "cost_shown",
    }

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        hidden = () if access.can_see_costs(request.user) else getattr(self.model, "COST_FIELDS", ())
        found = [name for name in super().get_fields(request, obj) if name not in hidden]
        return found if self.has_change_permission(request, obj) else [self.SHOWN.get(name, name) for name in found]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Sequence[Any]:
        return [*super().get_readonly_fields(request, obj), *self.SHOWN.values()]

    @admin.display(description=_("quantity"))
    def quantity_shown(self, line: Any) -> str:
        return formats.number(line.quantity)

    @admin.display(description=_("unit price"))
    def price_shown(self, line: Any) -> str:
        return _price(line.unit_price)

    @admin.display(description=_("discount %"))
    def discount_shown(self, line: Any) -> str:
        return formats.number(line.discount)

    @admin.display(description=_("VAT %"))
    def vat_shown(self, line: Any) -> str:
        return formats.number(line.vat_rate)

    @admin.display(description=_("unit cost"))
    def cost_shown(self, line: Any) -> str:
        return _price(line.unit_cost)


def _price(amount: Decimal) -> str:
    """With two decimals at least, and as many more as it has."""
    exponent = amount.normalize().as_tuple().exponent
    return formats.number(amount, max(2, -exponent if isinstance(exponent, int) else 2))

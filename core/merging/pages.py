"""Two records side by side, field by field; what a merge did, and its undoing; on every record's page the way there."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, IntegerField, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import merging
from core.forms import Form, PickerField
from core.lifecycle import Reason, Refused
from core.merging.engine import stamp
from core.merging.registry import Mergeable, kind_of, kinds
from core.merging.telling import moved, rows_of, told
from core.models import Event, Merge
from core.pages import Page
from core.pages.base import is_editable, reasons_of, safe_next
from core.references import references_to


class _KindPage(Page):
    """A page about records of the kind in the address, for those who may merge it."""

    def required_permission(self) -> str:
        self.kind = kinds().get(f"{self.kwargs['app']}.{self.kwargs['model']}")  # type: ignore[assignment]
        if self.kind is None:
            raise Http404
        self.model = self.kind.model
        if not self.kind.allows(self.request.user):
            raise PermissionDenied
        return ""

    kind: Mergeable


class ChooseTwin(_KindPage):
    """Which other record is the same as this one."""

    template_name = "core/merge_choose.html"
    title = gettext_lazy("Merge with another record")

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return self.ask(self.record(), self.form())

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        record, form = self.record(), self.form(request.POST)
        if not form.is_valid():
            return self.ask(record, form, status=422)
        return self.go(merge_url(record, form.cleaned_data["other"]))

    def form(self, data: Any = None) -> Any:
        label = str(capfirst(self.model._meta.verbose_name))
        others = PickerField(self.model.objects.exclude(pk=self.kwargs["pk"]), label=label)
        return type("OtherForm", (Form,), {"other": others})(data, user=self.request.user)

    def ask(self, record: Any, form: Any, *, status: int = 200) -> HttpResponse:
        found = self.kind.twins(self.request.user, record, True)
        twins = [{"twin": twin, "url": possible_url(self.kind, record, twin.record)} for twin in found]
        return self.show({"record": record, "form": form, "twins": twins}, status=status)


class MergePage(_KindPage):
    """The record of the address stays, the other one is taken into it: GET shows both, POST does it."""

    template_name = "core/merge.html"
    title = gettext_lazy("Merge")

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        keep, absorb = self.both()
        if keep.pk == absorb.pk:
            return self.go(keep.get_absolute_url())
        reasons = merging.why_not(keep, absorb)
        return self.ask(keep, absorb, reasons=reasons, status=409 if reasons else 200)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        keep, absorb = self.both()
        try:
            merging.merge(keep=keep, absorb=absorb, by=request.user, chosen=request.POST.dict(), seen=self.seen())
        except ValidationError as error:
            return self.ask(*self.both(), chosen=request.POST, errors=error.message_dict, status=422)
        except Refused as error:
            return self.ask(*self.both(), chosen=request.POST, reasons=error.reasons, status=409)
        message = _("“%(other)s” is now part of “%(name)s”. The timeline leads to the undoing.")
        visible = self.queryset().filter(pk=keep.pk).exists()
        url = keep.get_absolute_url() if visible else self.url("list")
        return self.go(safe_next(self.request, url), message % {"other": absorb, "name": keep})

    def both(self) -> tuple[Any, Any]:
        rows = self.queryset()
        return self.fetch(rows, self.kwargs["pk"]), self.fetch(rows, self.kwargs["other"])

    def seen(self) -> str:
        return self.request.POST.get("_seen", "")

    def ask(
        self,
        keep: Any,
        absorb: Any,
        *,
        chosen: Mapping[str, str] | None = None,
        reasons: Any = (),
        errors: dict[str, list[str]] | None = None,
        status: int = 200,
    ) -> HttpResponse:
        editable = is_editable(keep)
        choices = merging.differences(keep, absorb, self.request.user) if editable else []
        context = {
            "keep": keep,
            "absorb": absorb,
            "rows": rows_of(keep, absorb, choices, chosen or {}, errors or {}),
            "children": children(self.kind, keep, absorb, self.request.user),
            "editable": editable,
            "reasons": reasons,
            "notes": self.kind.notes(self.request.user, keep, absorb),
            "seen": stamp(keep, absorb),
            "swap_url": merge_url(absorb, keep),
            "tags": list(dict.fromkeys([*keep.tags, *absorb.tags])),
        }
        return self.show(context, status=status)


def children(kind: Mergeable, keep: Any, absorb: Any, user: Any) -> list[tuple[str, int, int]]:
    """(what, how many at the one that stays, at the one that goes) as far as this user may see them. One query."""
    queries: list[Any] = []
    names: list[str] = []
    for reference in references_to(kind.model):
        rows = reference.rows(kind.model, [keep.pk, absorb.pk])
        if reference.model is Event or reference.is_link_table:
            continue
        if hasattr(reference.model._default_manager, "visible_to"):
            rows = rows.filter(pk__in=reference.model.objects.visible_to(user).values("pk"))
        number = Value(len(names), output_field=IntegerField())
        rows = rows.order_by().values(reference.field.attname).annotate(number=number, n=Count("pk"))
        queries.append(rows.values_list("number", reference.field.attname, "n"))
        names.append(str(reference.model._meta.verbose_name_plural))
    found: dict[str, list[int]] = {}
    queries = [query for query in queries if not query.query.is_empty()]
    for number, pk, n in queries[0].union(*queries[1:], all=True) if queries else ():
        found.setdefault(names[number], [0, 0])[pk == absorb.pk] += n
    return sorted((name[:1].upper() + name[1:], here, there) for name, (here, there) in found.items())


def merge_url(keep: Any, absorb: Any) -> str:
    return reverse("core:merge", args=[keep._meta.app_label, keep._meta.model_name, keep.pk, absorb.pk])


def possible_url(kind: Mergeable, record: Any, twin: Any) -> str:
    """The page on which one of the two stays: this record, if it can be the one; "" where neither can."""
    for keep, absorb in ((record, twin), (twin, record)):
        if not kind.against(keep, absorb):
            return merge_url(keep, absorb)
    return ""


def page_extra(record: Any, request: HttpRequest) -> dict[str, Any]:
    """For every record page: the way to merge it, and what may be the same thing."""
    kind = kind_of(record)
    if kind is None:
        return {}
    twins = kind.twins(request.user, record, False)
    if not kind.allows(request.user):
        return {"twins": [{"twin": twin} for twin in twins]}
    url = reverse("core:merge_choose", args=[record._meta.app_label, record._meta.model_name, record.pk])
    return {"merge_url": url, "twins": [{"twin": t, "url": possible_url(kind, record, t.record)} for t in twins]}


# --- Afterwards -----------------------------------------------------------------------------------------------------------


class MergeDetail(Page):
    """What a merge did, for those who may see the record that stayed; undone by those who may merge."""

    permission = ""
    template_name = "core/merge_detail.html"
    title = gettext_lazy("Merge")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.tell(self.merge())

    def merge(self) -> Merge:
        found: Merge = self.fetch(Merge.objects.filter(kind__in=kinds()), self.kwargs["pk"])
        rows = found.model.objects.visible_to(self.request.user)
        ids = [found.absorbed_id, merging.successor(found.model, found.survivor_id) or found.survivor_id]
        self.survivor = rows.filter(pk__in=ids).order_by("pk").first()
        if self.survivor is None:
            raise Http404
        if found.undone_at is None:
            self.survivor = rows.filter(pk=ids[1]).first()
        return found

    def tell(self, merge: Merge, reasons: list[Reason] | None = None, *, status: int = 200) -> HttpResponse:
        kind = kinds()[merge.kind]
        may_undo = merge.undone_at is None and kind.allows(self.request.user)
        report = merging.what_undo_would_do(merge) if may_undo else None
        context = {
            "merge": merge,
            "record": self.survivor,
            "rows": told(merge, self.request.user),
            "moved": moved(merge),
            "report": report,
            "reasons": reasons if reasons is not None else (report.reasons if report else []),
        }
        return self.show(context, status=status)


class UndoMerge(MergeDetail):
    """POST only."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        merge = self.merge()
        try:
            back = merging.undo(merge=merge, by=request.user)
        except Refused as error:
            return self.tell(merge, reasons_of(error), status=409)
        visible = type(back).objects.visible_to(request.user).filter(pk=back.pk).exists()
        url = back.get_absolute_url() if visible else self.survivor.get_absolute_url()
        return self.go(url, _("“%(name)s” is a record of its own again.") % {"name": back})


__all__ = ["ChooseTwin", "MergeDetail", "MergePage", "UndoMerge", "page_extra"]

"""Pages of segments: the filter of a list under a name, how many people it finds, and who of them may be written to."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy

from core.lifecycle import Refused
from core.models import Purpose
from core.pages import Column, FormPage, ListPage, Panel, Related
from leads.models import Segment
from leads.models.nurture import Kind
from leads.nurture import audience
from leads.nurture.audience_pages import AudienceDetail
from leads.nurture.filters import SegmentFilter
from leads.nurture.forms import SegmentForm

_LISTS = {Kind.LEAD: "leads:lead_list", Kind.CONTACT: "parties:contact_list"}


class SegmentList(ListPage):
    model = Segment
    columns = (
        Column("name", link=True),
        Column("kind"),
        Column("owner", hide_on_phone=True),
        Column("created_at", hide_on_phone=True),
    )
    filterset = SegmentFilter
    search_fields = ("name",)
    default_sort = "name"
    empty_text = gettext_lazy("Say who belongs together: leads of a fair, customers of a region.")


class SegmentDetail(AudienceDetail):
    model = Segment
    template_name = "leads/nurture/segment_detail.html"
    panels = (Panel(gettext_lazy("Segment"), ("kind", "owner", "created_at"), icon="users-group"),)
    related = (
        Related(gettext_lazy("Mailings"), "mailings", ("name", "state")),
        Related(gettext_lazy("Sequences"), "sequences", ("name", "state")),
    )

    def context(self, record: Segment) -> dict[str, Any]:
        found = super().context(record) | {"has_side": True}
        page = audience.narrowed(record.kind, record.query, self.request.user)
        found["chips"] = [] if record.query == "" else page.chips()
        found["list_of_people"] = f"{reverse(_LISTS[Kind(record.kind)])}?{record.query}"
        try:
            audience.rows_of(record, self.request.user)
        except Refused as refusal:
            found["problem"] = str(refusal)
        return found

    def audience(self, record: Segment) -> dict[str, Any]:
        try:
            rows = audience.rows_of(record, self.request.user).order_by()
        except Refused as refusal:
            return {"problem": str(refusal)}
        total = rows.count()
        purposes = list(Purpose.objects.in_use().order_by("name")) if total else []
        return {"counted": True, "total": total, "purposes": audience.ready_for(rows, purposes)}


class _SegmentForm(FormPage):
    """Besides the name, the fields by which the list of leads or of contacts is filtered."""

    model = Segment
    form_class = SegmentForm
    template_name = "leads/nurture/segment_form.html"

    def initial(self) -> dict[str, Any]:
        """What the list that leads here was filtered by; its order and its columns are no matter of a segment's."""
        kind = self.request.GET.get("kind", "")
        kind = kind if kind in Kind.values else Kind.LEAD
        query = audience.taken_from(self.request.GET, kind, self.request.user)
        return {"kind": kind, "name": self.request.GET.get("name", ""), "query": query}

    def form(self, record: Any) -> Any:
        """What was typed into the fields of the filter is the filter; programs write it themselves."""
        form = super().form(record)
        if form.is_bound and "_filters" in self.request.POST:
            form.data = form.data.copy()
            form.data["query"] = self._typed(form)
        return form

    def _typed(self, form: Any) -> str:
        page = audience.narrowed(self._kind(form), "", self.request.user)
        names = [*audience.readable(page)]
        pairs = [(name, value) for name in names for value in self.request.POST.getlist(name) if value]
        kept = [pair for text in self.request.POST.getlist("_kept") for pair in QueryDict(text[:2000]).items()]
        return urlencode(pairs + [(name, value) for name, value in kept if name in audience.OWN and value])

    def _besides(self, kind: str, params: QueryDict) -> Iterator[tuple[str, str, bool]]:
        """What no field of the filter says: (as in the address, in words, whether it is an alternative)."""
        for name in audience.OWN:
            for value in params.getlist(name):
                text = urlencode([(name, value)])
                try:
                    chips = audience.narrowed(kind, text, self.request.user).chips()
                except PermissionDenied:
                    chips = []
                words = ", ".join(f"{chip.label}: {chip.value}" if chip.label else chip.value for chip in chips)
                yield text, words or value, name == "or"

    @staticmethod
    def _kind(form: Any) -> str:
        given = form.instance.kind if form.instance.pk else form.data.get("kind") or form.initial.get("kind")
        return given if given in Kind.values else Kind.LEAD

    def answer(self, form: Any, lines: Any, reasons: Any = None, *, status: int = 200) -> Any:
        kind = self._kind(form)
        query = form["query"].value() or ""
        params = QueryDict(query)
        try:
            self.people_filter = audience.narrowed(kind, query, self.request.user).filter_form(params)
        except PermissionDenied:
            self.people_filter = None
        self.kept = list(self._besides(kind, params))
        self.other = None if form.instance.pk else next(one for one in Kind if one != kind)
        self.kind_label = Kind(kind).label
        return super().answer(form, lines, reasons, status=status)


class SegmentCreate(_SegmentForm):
    """A new one; the list of people leads here with what it is filtered by."""


class SegmentEdit(_SegmentForm):
    """Whoever uses the segment later gets the people of the new filter."""

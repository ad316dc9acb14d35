"""Lists of the API: the rows, filters, search and sorting of the list page; pages by key."""

from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext as _

from core import filters
from core.api import inputs
from core.api.problems import invalid
from core.pages import keyset

#: Rows per answer unless `limit` says otherwise, and at most.
USUAL, MOST = 50, 200
#: Parameters that are no filters.
OWN = ("q", "or", "sort", "mine", "limit", "after", "before")


def filter_names(page: Any, asked: QueryDict | None = None) -> dict[str, Any]:
    """{name in the address: filter's field} of a list page, opened by its user: all, or those that `asked` holds."""
    if page.filters_here is None:
        return {}
    found: dict[str, Any] = {}
    bound = filters.build(page.filters_here, page.request, page.queryset(), asked, whole=asked is None)
    for name, each in bound.filters.items():
        suffixes = getattr(each.field.widget, "suffixes", None)
        found |= {f"{name}_{suffix}": each.field for suffix in suffixes} if suffixes else {name: each.field}
    return found


def read_page(page: Any) -> tuple[list[int], keyset.Slice]:
    """The ids of one page in their order, and the cursors around it."""
    _check(page)
    rows = _narrowed(page)
    name, descending = page.sort
    rows = page.annotated(rows)
    order = keyset.Order.of(rows, page.sortable.get(name, name), descending=descending)
    after, before = page.params.get("after", ""), page.params.get("before", "")
    if (after or before) and keyset.decode(before or after, order) is None:
        raise invalid({"before" if before else "after": [_("This is no place in this list.")]}, 400)
    size = _limit(page.params)
    found = keyset.fetch(rows, order, ["pk"], after=after, before=before, size=size)
    return [row[0] for row in found.rows], found


def fetch(page: Any, ids: list[int]) -> list[Any]:
    """The records of these ids, in this order."""
    rows = page.queryset().filter(pk__in=ids)
    if any(field.name == "owner" for field in rows.model._meta.concrete_fields):
        rows = rows.prefetch_related("owner")  # a few own them all
    known = {record.pk: record for record in rows}
    return [known[pk] for pk in ids if pk in known]


def link(base: str, params: QueryDict, **place: str) -> str | None:
    """The address of the page before or after, or None where there is none."""
    ((name, cursor),) = place.items()
    if not cursor:
        return None
    kept = [(k, v) for k, values in params.lists() for v in values if k not in ("after", "before")]
    return f"{base}?{urlencode([*kept, (name, cursor)])}"


def _check(page: Any) -> None:
    """Every parameter is known and makes sense, or 400 says which does not."""
    known = filter_names(page, _asked(page.params))
    wrong = _wrong_alternatives(page, known)
    for name, values in page.params.lists():
        if name not in known and name not in OWN:
            wrong[name] = [_unknown(page)]
        elif name in known and inputs.kind(known[name]) == "maybe" and set(values) - {"true", "false", ""}:
            wrong[name] = [_("Expected true or false.")]
    params = page.params
    if (sort := params.get("sort", "")) and sort.removeprefix("-") not in page.sortable:
        wrong["sort"] = [_("Known: %(names)s.") % {"names": ", ".join(sorted(page.sortable))}]
    if params.get("mine", "1") not in ("1", "") or ("mine" in params and not has_owner(page.model)):
        wrong["mine"] = [_("Only 1 is known here.")]
    if params.get("after") and params.get("before"):
        wrong["before"] = [_("Either after or before.")]
    if wrong:
        raise invalid(wrong, 400)


def _asked(params: QueryDict) -> QueryDict:
    """What the address asks, its alternatives with it."""
    return QueryDict("&".join(each.urlencode() for each in (params, *_groups(params))))


def _groups(params: QueryDict) -> list[QueryDict]:
    """The alternatives as they are written, those with unknown names too."""
    return [QueryDict(text[: filters.LONGEST_GROUP]) for text in params.getlist("or")[: filters.MOST_GROUPS]]


def _wrong_alternatives(page: Any, known: dict[str, Any]) -> dict[str, list[str]]:
    if len(page.params.getlist("or")) > filters.MOST_GROUPS:
        return {"or": [_("Only the first %(n)d alternatives count.") % {"n": filters.MOST_GROUPS}]}
    names = {name for group in _groups(page.params) for name in group}
    return {"or": [_unknown(page)]} if names - known.keys() else {}


def _unknown(page: Any) -> str:
    names = ", ".join(sorted([*filter_names(page), *OWN]))
    return _("There is no such filter here. Known: %(names)s.") % {"names": names}


def has_owner(model: Any) -> bool:
    return any(isinstance(f, models.ForeignKey) and f.name == "owner" for f in model._meta.concrete_fields)


def _limit(params: QueryDict) -> int:
    text = params.get("limit", "") or str(USUAL)
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST):
        raise invalid({"limit": [_("From 1 to %(n)d.") % {"n": MOST}]}, 400)
    return int(text)


def _narrowed(page: Any) -> Any:
    """The page's rows under its filters and their alternatives; a value that makes no sense is an error, not ignored."""
    for name, bound in (("", page.filter), *(("or", found) for _text, found in page.alternatives)):
        if bound is None:
            continue
        form = inputs.plain(bound.form)
        if not form.is_valid():
            raise invalid({name or field: texts for field, texts in form.errors.items()}, 400)
    return page.narrowed()

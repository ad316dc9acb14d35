"""What narrows a list: the filters of the address, their alternatives, the search, and how all that is said in chips."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import QueryDict
from django.utils.translation import gettext as _

from core import filters, fulltext
from core.fields import filters as own_filters
from core.pages.base import Page


class Narrowing(Page):
    """The rows of an address.

    `mine` and `q` narrow all rows. The filters stand together: a row matches all of them. Each `or` in the address is an
    alternative, itself a query string of filters: a row is shown that matches the filters, or all of one alternative.
    """

    params: Any
    filterset: Any = None
    #: Filters that say what a page shows, and need not narrow its rows: each column of a board is of one state.
    shown_apart: Sequence[str] = ()
    #: Without a tsvector column named `search`, these paths are searched by `q`.
    search_fields: Sequence[str] = ()

    @cached_property
    def filters_here(self) -> Any:
        """The declared filters, and those of the fields that administrators have added; None where there are none."""
        return own_filters.extended(self.filterset, self.model)

    @cached_property
    def filter(self) -> Any:
        """The bound filterset, or None where the address holds no filter."""
        if self.filters_here is None or not filters.names_in(self.filters_here, self.params):
            return None
        return filters.build(self.filters_here, self.request, self.queryset(), self.params)

    @cached_property
    def alternatives(self) -> list[tuple[str, Any]]:
        """What stands beside the filter: rows that match one of these are shown as well. (As in the address, bound.)"""
        return [
            (text, filters.build(self.filters_here, self.request, self.queryset(), group))
            for text, group in filters.groups(self.filters_here, self.params)
        ]

    @property
    def bound_filters(self) -> list[Any]:
        """The filter, and those that stand beside it."""
        return [*([self.filter] if self.filter else []), *(found for _text, found in self.alternatives)]

    @property
    def problems(self) -> list[str]:
        """What of the filter makes no sense, in the reader's words."""
        found = [problem for filterset in self.bound_filters for problem in filterset.problems]
        if len(self.params.getlist("or")) > filters.MOST_GROUPS:
            found.append(_("Only the first %(n)d alternatives count.") % {"n": filters.MOST_GROUPS})
        return found

    def narrowed(self) -> Any:
        """All rows of this address, unsorted: what is counted, exported, and acted on in bulk."""
        if self.alternatives:
            plain = [self.filter] if self.filter else []
            rows = filters.either(self.queryset(), plain + [found for _text, found in self.alternatives])
        else:
            rows = self.filter.narrowed(*self.shown_apart) if self.filter else self.queryset()
        if self.params.get("mine") == "1":
            rows = rows.filter(owner=self.request.user)
        if q := self.params.get("q", "").strip():
            rows = self.searched(rows, q)
        return rows

    def searched(self, rows: Any, q: str) -> Any:
        return fulltext.search(rows, q, self.search_fields)

    @property
    def is_filtered(self) -> bool:
        return bool(self.filter or self.alternatives or self.params.get("q", "").strip() or self.params.get("mine"))

    def with_alternative(self) -> str:
        """The address the dialogue came from, with what was chosen in it as one more alternative."""
        params = QueryDict(self.params["within"][:4000], mutable=True)
        own = filters.parameters(self.filters_here) if self.filters_here else ()
        chosen = [(name, value) for name in own for value in self.params.getlist(name) if value]
        if chosen:
            params.appendlist("or", urlencode(chosen))
        else:
            messages.warning(self.request, _("Nothing was chosen: there is no alternative to add."))
        return f"?{params.urlencode()}"

    def chips(self) -> list[filters.Chip]:
        """What narrows the list: mine and the search narrow everything, the alternatives stand beside the filter."""
        found = filters.chips(self.filter, self.params) if self.filter else []
        all_over = []
        if self.params.get("mine") == "1":
            all_over.append(filters.Chip(_("Owner"), _("me"), filters.without(self.params, "mine")))
        if q := self.params.get("q", "").strip():
            all_over.append(filters.Chip(_("Search"), q, filters.without(self.params, "q")))
        if not self.alternatives:
            return found + all_over
        others = [chip for text, it in self.alternatives if (chip := filters.group_chip(it, self.params, text))]
        if not found and others:
            others[0] = replace(others[0], either=False)
        return all_over + found + others

    def filter_form(self, params: QueryDict) -> Any:
        if self.filters_here is None:
            return None
        return filters.build(self.filters_here, self.request, self.queryset(), params, whole=True).form

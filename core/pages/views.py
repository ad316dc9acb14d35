"""The views of a list as its tabs: those of the declaration, then the saved ones; and the one a role starts with."""

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from core import filters, registry
from core.models import SavedView

#: The value of `view` that means: no saved view, also for those whose role starts with one.
ALL = "all"
#: What makes no other tab: the order and the columns of what is shown.
_LOOK = ("sort", "columns")
_KNOWN = ("q", "sort", "mine", "or", "on")


class Views:
    """What a list or a board knows of its views, which are the same on both.

    Only the pages of the model itself keep any, not queues over the same rows.
    """

    #: Which page of the model this is, and whether it shows a view's columns: a board has cards.
    kept_at = "list"
    has_columns = True

    request: Any
    params: Any
    model: Any
    filters_here: Any
    views: Any

    @cached_property
    def keeps_views(self) -> bool:
        return bool(self.request.path == self.url(self.kept_at))  # type: ignore[attr-defined]

    @cached_property
    def saved(self) -> list[SavedView]:
        """The reader's own views and the shared ones: one query."""
        return SavedView.tabs_of(self.model, self.request.user) if self.keeps_views else []

    @cached_property
    def view(self) -> SavedView | None:
        """The saved view that the address names."""
        wanted = self.params.get("view", "")
        return next((view for view in self.saved if str(view.pk) == wanted), None)

    @cached_property
    def view_is_changed(self) -> bool:
        """Whether the address has gone on from the view it names."""
        return self.view is not None and _all_of(self.params) != _all_of(QueryDict(self.view.address[1:]))

    @property
    def may_change_view(self) -> bool:
        return self.view is not None and self.view.may_be_changed_by(self.request.user)

    def opening(self) -> str:
        """Where this address really leads: the start view of the reader's role, or all of a view that is only named."""
        if not self.keeps_views:
            return ""
        view = None
        if not self.params:
            view = next((view for view in self.saved if view.starts), None)  # type: ignore[attr-defined]
        elif list(self.params) == ["view"] and self.params.get("view", "").isdecimal():
            view = self.view
            if view is None:
                raise Http404
        return view.address if view and _all_of(QueryDict(view.address[1:])) != _all_of(self.params) else ""

    @property
    def all_url(self) -> str:
        """The list without any filter, also for those whose role starts with a view."""
        return f"?view={ALL}" if any(view.starts for view in self.saved) else self.request.path  # type: ignore[attr-defined]

    @property
    def on(self) -> str:
        """Where the pages that keep a view lead back to: "board", or nothing for the list."""
        return "" if self.kept_at == "list" else self.kept_at

    @property
    def save_view_url(self) -> str:
        return reverse("core:savedview_create", args=[self.model._meta.app_label, self.model._meta.model_name])

    @property
    def uses(self) -> list[registry.ListUse]:
        """What can be made of the list as it is filtered."""
        return registry.uses_of(self.model, self.request.user)

    def tabs(self) -> list[dict[str, Any]]:
        """The tabs: (all), those of the declaration, the saved ones."""
        here = _comparable(self.params)
        found = [
            {
                "key": f"tab-{place}",
                "label": label,
                "url": f"?{query}",
                "here": not self.view and _comparable(QueryDict(query)) == here,
            }
            for place, (label, query) in enumerate(self.views)
        ]
        saved = [
            {
                "key": f"view-{view.pk}",
                "label": view.name,
                "url": view.address,
                "here": view == self.view,
                "shared": view.is_shared,
                "view": view,
            }
            for view in self.saved
        ]
        if (found or saved) and all(tab["url"] != "?" for tab in found):
            found.insert(
                0, {"key": "tab-all", "label": _("All"), "url": self.all_url, "here": not here and not self.view}
            )
        return found + saved

    def say_what_is_wrong(self) -> None:
        """A view that is gone, or that asks for what the list no longer has, is said and not an accident."""
        if self.view is None:
            if self.keeps_views and self.params.get("view", "").isdecimal():
                messages.warning(self.request, _("This view no longer exists. You see what its address says."))
            return
        known = {*_KNOWN, *(filters.parameters(self.filters_here) if self.filters_here else ())}
        lost = [name for name in QueryDict(self.view.query) if name not in known]
        shown = {column.name for column in self.bound}  # type: ignore[attr-defined]
        if self.has_columns and not self.view_is_changed:
            lost += [str(name) for name in self.view.columns if name not in shown]
        if lost:
            text = _("The view “%(view)s” asks for what this list does not have: %(names)s.")
            messages.warning(self.request, text % {"view": self.view, "names": ", ".join(lost)})


def _all_of(params: QueryDict) -> set[tuple[str, str]]:
    return {
        (k, v) for k, values in params.lists() for v in values if v and (k not in SavedView.LEFT_OUT or k == "columns")
    }


def _comparable(params: QueryDict) -> set[tuple[str, str]]:
    return {(key, value) for key, value in _all_of(params) if key not in _LOOK}

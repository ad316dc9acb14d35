from typing import Any

from django.urls import include, path, resolve

from benchmarks import bare
from benchmarks.sizes import BOARDS, FEW_CARDS, FEW_ROWS


def few_cards(board: str) -> Any:
    """A board that shows few cards a column: as many for few records as for many."""
    return resolve(board, "zencrm.urls").func.view_class.as_view(cards=FEW_CARDS)  # type: ignore[attr-defined]


def few_rows(found: str) -> Any:
    return resolve(found, "zencrm.urls").func.view_class.as_view(size=FEW_ROWS)  # type: ignore[attr-defined]


urlpatterns = [
    path("bare/plain/", bare.plain),
    path("bare/list/", bare.lead_list),
    path("bare/record/<int:pk>/", bare.lead_record),
    path("bare/board/", bare.lead_board),
    path("bare/search/", bare.search),
    *(path(f"few{board}", few_cards(board)) for board in BOARDS),
    path("few/leads/", few_rows("/leads/")),
    path("", include("zencrm.urls")),
]

handler400 = "zencrm.errors.bad_request"
handler403 = "zencrm.errors.forbidden"
handler404 = "zencrm.errors.not_found"
handler500 = "zencrm.errors.server_error"

"""The addresses of a model's pages."""

from typing import Any

from django.urls import URLPattern, path


def pages(
    model: Any,
    *,
    prefix: str,
    list: Any = None,
    board: Any = None,
    detail: Any = None,
    create: Any = None,
    edit: Any = None,
    act: Any = None,
    handovers: dict[str, Any] | None = None,
) -> list[URLPattern]:
    """URL patterns `<model>_list` etc. for the pages given; `handovers` maps a source's name to its HandoverPage."""
    name = model._meta.model_name
    table = (
        ("", list, "list"),
        ("board/", board, "board"),
        ("new/", create, "create"),
        ("<int:pk>/", detail, "detail"),
        ("<int:pk>/edit/", edit, "edit"),
        ("<int:pk>/do/<slug:verb>/", act, "act"),
    )
    given = {"board": {"list_page": list}}
    found = [
        path(f"{prefix}/{rest}", view.as_view(**given.get(page, {})), name=f"{name}_{page}")
        for rest, view, page in table
        if view
    ]
    if list:
        found.append(path(f"{prefix}/export/", list.as_view(exporting=True), name=f"{name}_export"))
    for source, view in (handovers or {}).items():
        found.append(path(f"{prefix}/from-{source}/<int:pk>/", view.as_view(), name=f"{name}_from_{source}"))
    return found

"""Documents on paper: an HTML template rendered to PDF by WeasyPrint, in the customer's language."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import translation


def render(template: str, context: dict[str, Any], *, language: str) -> bytes:
    """Render a template to the bytes of a PDF. Only our own static files and data URLs can be loaded from it."""
    from weasyprint import HTML  # 0.4 s to import: paid by the workers that print, not by every process

    with translation.override(language):
        html = render_to_string(template, {**context, "language": language})
    return HTML(string=html, base_url=str(settings.BASE_DIR), url_fetcher=_fetch).write_pdf()


def _fetch(url: str, *args: Any, **kwargs: Any) -> Any:
    """Hostile text in a document must not read files or reach the network from here."""
    from weasyprint import default_url_fetcher

    if url.startswith("data:"):
        return default_url_fetcher(url)
    if url.startswith("static:") and (path := finders.find(url.removeprefix("static:"))):
        with open(path, "rb") as file:
            return {"string": file.read(), "mime_type": None}
    raise ValueError(f"not loaded: {url}")

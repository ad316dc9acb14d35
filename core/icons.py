"""Outline icons of Tabler (MIT), read from the npm package and written into the page: no font, no sprite to build."""

import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

FOLDER = Path(settings.BASE_DIR) / "node_modules" / "@tabler" / "icons" / "icons" / "outline"
_NAME = re.compile(r"^[a-z0-9-]+$")
_SPACE = re.compile(r"\s+")


@lru_cache(maxsize=1024)
def drawing(name: str) -> str:
    """The shapes inside the <svg>; an unknown name gives the empty drawing (a test looks for those)."""
    path = FOLDER / f"{name}.svg"
    if not _NAME.match(name) or not path.is_file():
        return ""
    svg = _SPACE.sub(" ", path.read_text())
    inner = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    return inner.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "").strip()


@lru_cache(maxsize=2048)
def icon(name: str, label: str = "", classes: str = "") -> SafeString:
    """An icon. Without a label it is decoration beside words and hidden from screen readers."""
    shapes = mark_safe(drawing(name))  # noqa: S308 - our own package's file
    css = f"icon {classes}".strip()
    named = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return mark_safe(  # noqa: S308 - parts are escaped above
        f'<svg class="{escape(css)}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
        f' stroke-linecap="round" stroke-linejoin="round" {named}>{shapes}</svg>'
    )

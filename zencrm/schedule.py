"""Every periodic job of the house, on one page."""

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {}

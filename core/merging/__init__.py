"""Two records turn out to be one: what differs is chosen field by field, everything that points at them follows, all undoable.

A kind takes part by `MERGEABLE = True` on its model and an entry in `zencrm/wiring.py` (see `core.merging.registry`).
"""

from core.merging.choices import Choice, differences
from core.merging.engine import absorbed, merge, successor, why_not
from core.merging.registry import Mergeable, Twin, kinds, register
from core.merging.undoing import Report, undo, what_undo_would_do

__all__ = [
    "Choice",
    "Mergeable",
    "Report",
    "Twin",
    "absorbed",
    "differences",
    "kinds",
    "merge",
    "register",
    "successor",
    "undo",
    "what_undo_would_do",
    "why_not",
]

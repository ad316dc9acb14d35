"""What happens by itself because something else happened: the whole table, on one page.

Each function takes the event, touches only the database, and runs in the relay's transaction (see core/outbox.py).
"""

from core.outbox import Reaction

REACTIONS: dict[str, tuple[Reaction, ...]] = {}

"""What must happen elsewhere because of something here: reactions inside the house, deliveries out of it.

Both are rows, written in the transaction of the act that causes them; workers only pick them up. A dead broker or a killed
worker therefore loses nothing: whatever is not stamped is picked up again.

- A *reaction* touches only the database. The relay runs it in the transaction that stamps its event: both or neither, so it
  happens exactly once.
- A *delivery* leaves the house. It is committed as "in flight" before the outside call, which runs under a row lock: a row
  "in flight" that nobody locks belongs to a worker that died. Channels that can be repeated safely (same key, same bytes) are
  tried again; others (e-mail) stop and ask a person, because sending twice is worse than asking.
"""

from core.outbox.posting import (
    ERASED,
    GRACE,
    Channel,
    DeliveryFailed,
    channel,
    deliver,
    deliver_due,
    due_filter,
    kick_on_commit,
    send,
    send_letter,
    send_mail,
)
from core.outbox.relaying import Reaction, follow, install_reactions, relay, retry, stamp
from core.outbox.waking import BACK_OFF, kick

__all__ = [
    "BACK_OFF",
    "ERASED",
    "GRACE",
    "Channel",
    "DeliveryFailed",
    "Reaction",
    "channel",
    "deliver",
    "deliver_due",
    "due_filter",
    "follow",
    "install_reactions",
    "kick",
    "kick_on_commit",
    "relay",
    "retry",
    "send",
    "send_letter",
    "send_mail",
    "stamp",
]

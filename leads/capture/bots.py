"""Telling programs from people without asking people anything: a field nobody sees, the time it took, how many came.

A page of ours carries the signed time at which it was shown. Plain HTML on somebody else's page cannot, so that there the
field nobody sees, the links and a tighter brake have to do.
"""

import ipaddress
import re
import time
from collections.abc import Mapping
from typing import Any

from django.core import signing

from core import throttle
from leads.models import Capture

Why = Capture.Why

#: The field nobody sees. Browsers do not know its name, so they leave it alone.
TRAP = "reference_code"
#: Where a page of ours says when it was shown, and which showing it was.
SHOWN_AT, SHOWING = "_at", "_key"
_SALT = "leads.form-shown"
#: Seconds that people take at least.
FASTEST = 2
#: Submissions per minute: from one address to one form (without the time of showing, fewer), and to all forms.
FROM_ONE, FROM_ONE_PLAIN, FROM_ONE_TO_ALL = 8, 4, 20
#: From so many times the limit on, nothing is even kept.
FLOOD = 5
_LINK = re.compile(r"https?://|www\.|\[url", re.IGNORECASE)
MOST_LINKS = 3


def stamp(token: str) -> str:
    """The time of showing, signed for this form."""
    return signing.Signer(salt=_SALT).sign(f"{token} {time.time():.1f}")


def why_not(token: str, sent: Mapping[str, Any]) -> str:
    """Why this submission is a program's; "" where it looks like a person's."""
    if str(sent.get(TRAP, "")).strip():
        return Why.HONEYPOT
    if stamped := str(sent.get(SHOWN_AT, "")):
        if (age := _age(token, stamped)) is None:
            return Why.FORGED
        if age < FASTEST:
            return Why.TOO_FAST
    texts = " ".join(str(value) for name, value in sent.items() if not name.startswith("_") and name != "website")
    names = " ".join(str(sent.get(name, "")) for name in ("first_name", "last_name", "city"))
    if len(_LINK.findall(texts)) > MOST_LINKS or _LINK.search(names):
        return Why.LINKS
    return ""


def _age(token: str, stamped: str) -> float | None:
    """Seconds since the page was shown; None for a time that is not ours."""
    try:
        of_form, _space, shown = signing.Signer(salt=_SALT).unsign(stamped).rpartition(" ")
        return time.time() - float(shown) if of_form == token else None
    except (signing.BadSignature, ValueError):
        return None


def too_many(form: int, ip: str | None, sent: Mapping[str, Any]) -> int:
    """0 within the limit; 1 beyond it; 2 in a flood, of which nothing is kept."""
    place = neighbourhood(ip)
    limit = FROM_ONE if sent.get(SHOWN_AT) else FROM_ONE_PLAIN
    counts = (
        (throttle.used(f"capture:{form}:{place}", seconds=60)[0], limit),
        (throttle.used(f"capture:{place}", seconds=60)[0], FROM_ONE_TO_ALL),
    )
    over = max(count / most for count, most in counts)
    return 0 if over <= 1 else 1 if over <= FLOOD else 2


def neighbourhood(ip: str | None) -> str:
    """An IPv6 visitor has a whole network of addresses; it counts as one."""
    if ip and ":" in ip:
        return str(ipaddress.ip_network(f"{ip.partition('%')[0]}/64", strict=False).network_address)
    return ip or "unknown"

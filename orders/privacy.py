"""Orders and contracts name people; the law keeps what was agreed."""

from django.utils.translation import gettext_lazy as _

from core.privacy.registry import REDACT, Duty, Holding
from orders.models import Contract, SalesOrder

_TEXTS = dict.fromkeys(("title", "notes", "customer_name"), REDACT)
_LAW = _("Business records and contracts: ten years (art. 2220 and 2946 c.c.).")
ORDER = Duty(_LAW, 120, lambda order: order.ordered_on if order.state not in ("draft", "cancelled") else None)
CONTRACT = Duty(_LAW, 120, lambda contract: contract.closed_at or contract.signed_at)

HOLDINGS = (
    Holding(SalesOrder, _TEXTS, paths=("contact",), duty=ORDER),
    Holding(Contract, _TEXTS, paths=("contact",), duty=CONTRACT),
)

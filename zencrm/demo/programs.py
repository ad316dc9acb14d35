"""The demo company's programs: a token that reads for the data warehouse, and a shop that could be told of accepted quotes."""

import base64
import random
from datetime import timedelta
from typing import Any

from django.utils import timezone

from core.models import ApiToken, Webhook
from core.models.api import digest


def introduce(people: dict[str, Any], seed: int) -> None:
    """One token, whose plain text nobody has, and one webhook that is switched off: nothing leaves the demo."""
    dice = random.Random(f"programs {seed}")  # noqa: S311  (nothing of this opens anything)
    now = timezone.now()
    ApiToken.objects.create(
        user=people["manager"],
        name="Data warehouse",
        prefix=f"zcr_{dice.randbytes(4).hex()}",
        digest=digest(dice.randbytes(32).hex()),
        scope=ApiToken.Scope.READ,
        created_at=now - timedelta(days=40),
        expires_at=now + timedelta(days=325),
        last_used_at=now - timedelta(hours=6),
    )
    Webhook.objects.create(
        name="Negozio online",
        url="https://shop.example.com/zencrm/",
        secret="whsec_" + base64.b64encode(dice.randbytes(32)).decode(),
        event_names=["quote.accepted", "invoice.issued", "invoice.payment_registered"],
        is_active=False,
        owner=people["admin"],
    )

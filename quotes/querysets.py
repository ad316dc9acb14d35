"""Sets of quotes."""

from datetime import date
from typing import Self

from django.db.models import Q

from core.access import RecordQuerySet


class QuoteQuerySet(RecordQuerySet):
    def out(self) -> Self:
        """At the customer's, waiting for an answer."""
        return self.filter(state="sent")

    def lapsed(self, *, on: date) -> Self:
        """Approved or sent, and valid until a day before `on`."""
        return self.filter(state__in=("approved", "sent"), valid_until__lt=on)

    def expiring(self, *, on: date) -> Self:
        """At the customer's, and valid until `on` at most."""
        return self.out().filter(valid_until__lte=on)

    def published(self) -> Self:
        """Those with a public page: what has never been sent has none."""
        return self.filter(Q(state__in=("sent", "accepted", "declined")) | Q(sent_at__isnull=False))

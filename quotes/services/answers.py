"""The customer's side: that they opened the offer, and who is told of their answer."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from core import access, history
from quotes import mails
from quotes.models import Quote

history.register("quote.viewed", gettext_lazy("opened the quote for the first time"))


def note_view(quote: Quote) -> None:
    """Keep the first time the customer opened their page; later ones change nothing."""
    if quote.viewed_at is not None or quote.state != Quote.State.SENT:
        return
    customer = access.Customer(name=quote.customer_name)
    with transaction.atomic(), history.acting(customer):
        waiting = Quote.objects.filter(pk=quote.pk, viewed_at=None, state=Quote.State.SENT)
        if waiting.update(viewed_at=timezone.now()):
            history.record("quote.viewed", quote, by=customer)


def tell_of_acceptance(event: Any) -> None:
    """Reaction to `quote.accepted`: the customer gets a confirmation with the accepted PDF, the owner a notice."""
    quote = _quote_of(event)
    mails.post_confirmation(quote)
    mails.post_notice(quote, "accepted")


def tell_of_refusal(event: Any) -> None:
    """Reaction to `quote.declined`: the owner gets the customer's words."""
    mails.post_notice(_quote_of(event), "declined")


def _quote_of(event: Any) -> Quote:
    return Quote._base_manager.select_related("company", "contact", "owner", "pdf").get(pk=event.subject_id)

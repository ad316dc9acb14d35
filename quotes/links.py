"""Addresses that customers get."""

from django.conf import settings
from django.urls import reverse

from quotes.models import Quote


def public_url(quote: Quote) -> str:
    """The quote's page for its customer; whoever has it can read and answer the quote."""
    return f"{settings.BASE_URL}{reverse('quotes:public', args=[quote.token])}"

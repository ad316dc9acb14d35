"""What a quote's life needs beyond its own record: drafting, revising, sending, expiring, telling people of the answer."""

from quotes.services.answers import note_view, tell_of_acceptance, tell_of_refusal
from quotes.services.drafting import draft_quote, revise_quote, update_lines
from quotes.services.sending import expire_lapsed, kept_pdf, send_quote

__all__ = [
    "draft_quote",
    "expire_lapsed",
    "kept_pdf",
    "note_view",
    "revise_quote",
    "send_quote",
    "tell_of_acceptance",
    "tell_of_refusal",
    "update_lines",
]

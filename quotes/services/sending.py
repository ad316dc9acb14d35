"""To the customer: the PDF, the e-mail, and the end of an offer's validity."""

import logging

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, history, pdf
from core.lifecycle import Refused, verbs, why_not
from core.models import File
from quotes import mails, printing
from quotes.models import Quote

log = logging.getLogger(__name__)


def send_quote(*, quote: Quote, by: access.Actor, message: str = "") -> Quote:
    """Print the quote, keep the PDF, mark it sent, and post it to the customer with the link to its page.

    `message` is the sender's own words in the e-mail. Printing takes a quarter of a second and happens before any lock is
    taken: what is printed cannot change any more, an approved quote is frozen. Raises `Refused`.
    """
    verb = verbs(Quote)["send"]
    if not access.may(by, verb.permission):
        raise PermissionDenied(_("You have no right to do this."))
    fresh = Quote._base_manager.select_related("company", "contact", "owner").get(pk=quote.pk)
    if reasons := why_not(fresh, verb, by):
        raise Refused(*reasons)
    content = printing.render(fresh)
    with transaction.atomic():
        kept = _keep(fresh, content)
        quote.send(by=by, pdf=kept, message=message)
        mails.post_offer(quote, pdf=kept, message=message, sender=access.user_of(by) or quote.owner)
    return quote


def kept_pdf(quote: Quote) -> File:
    """The PDF of a quote that is out, printed now if it was sent by other means (an import): an acceptance needs one."""
    if quote.pdf is None:
        content = printing.render(quote)
        with transaction.atomic(), history.acting(access.JOB):
            locked = Quote._base_manager.select_for_update(of=("self",)).get(pk=quote.pk)
            if locked.pdf_id is None and locked.state == Quote.State.SENT:
                locked.pdf = _keep(quote, content)
                locked.save(update_fields=["pdf"])
        quote.pdf = locked.pdf
    return quote.pdf or File.of(name=printing.file_name(quote), mime=pdf.MIME, content=content)


def _keep(quote: Quote, content: bytes) -> File:
    return File.store(name=printing.file_name(quote), mime=pdf.MIME, content=content)


def expire_lapsed(*, limit: int = 1000) -> int:
    """Let every approved or sent quote expire whose validity ended yesterday or before. Returns how many did."""
    done = 0
    for quote in Quote.objects.lapsed(on=timezone.localdate()).order_by("pk")[:limit]:
        try:
            quote.expire(by=access.JOB)
            done += 1
        except Refused as refusal:  # answered or revised in the meantime
            log.info("quote not expired", extra={"quote": quote.pk, "why": str(refusal)})
    return done

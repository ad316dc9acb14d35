"""E-mails about quotes, each in its reader's language, posted through the outbox."""

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from core import identity, outbox
from core.models import File
from quotes.links import public_url
from quotes.models import Quote


def post_offer(quote: Quote, *, pdf: File, message: str, sender: Any) -> None:
    """The offer itself, with the PDF and the link to its page; answers go to the sender."""
    _post(
        quote,
        "offer",
        key=f"quote-{quote.pk}-sent",
        to=quote.recipient_email,
        language=quote.language,
        title=_("Our quote %(number)s: %(title)s"),
        files=[pdf],
        reply_to=getattr(sender, "email", ""),
        context={"message": message.strip(), "sender": sender, "contact": quote.contact},
    )


def post_confirmation(quote: Quote) -> None:
    """To the customer who accepted: what, when, by whom, and the very PDF."""
    if not (to := quote.signer_email or quote.recipient_email):
        return
    _post(
        quote,
        "confirmation",
        key=f"quote-{quote.pk}-confirmed",
        to=to,
        language=quote.language,
        title=_("You have accepted our quote %(number)s"),
        files=[quote.pdf] if quote.pdf else [],
        reply_to=quote.owner.email if quote.owner else "",
        context={"sender": quote.owner},
    )


def post_notice(quote: Quote, answer: str) -> None:
    """To the quote's owner: accepted or declined."""
    if not (quote.owner and quote.owner.email):
        return
    titles = {
        "accepted": _("%(customer)s has accepted quote %(number)s"),
        "declined": _("%(customer)s has declined quote %(number)s"),
    }
    _post(
        quote,
        "notice",
        key=f"quote-{quote.pk}-{answer}-notice",
        to=quote.owner.email,
        language=quote.owner.language or settings.LANGUAGE_CODE,
        title=titles[answer],
        files=[],
        context={"answer": answer, "record_url": f"{settings.BASE_URL}{quote.get_absolute_url()}"},
    )


def _post(
    quote: Quote,
    template: str,
    *,
    key: str,
    to: str,
    language: str,
    title: Any,
    files: list[File],
    context: dict[str, Any],
    reply_to: str = "",
) -> None:
    with translation.override(language):
        heading = title % {"number": quote.number, "title": quote.title, "customer": quote.customer_name}
        context |= {"quote": quote, "heading": heading, "language": language, "company": identity.own()}
        context["public_url"] = public_url(quote)
        text = render_to_string(f"quotes/mail/{template}.txt", context)
        html = render_to_string(f"quotes/mail/{template}.html", context)
    outbox.send_mail(
        key=key,
        subject=quote,
        to=[to],
        title=heading,
        text=text.strip() + "\n",
        html=html,
        files=files,
        reply_to=reply_to,
    )

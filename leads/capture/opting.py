"""Consents that come with a submission: written down with their proof, or asked for again by a link that works once."""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from core import access, identity, outbox
from core.lifecycle import Refused
from core.models import Consent, Purpose, PurposeText
from core.privacy import consent
from leads.models import Capture, Lead, OptIn

_SALT = "leads.opt-in"
#: How long the link works.
DAYS = 14
_SOURCES = {
    "form": Consent.Source.FORM, "endpoint": Consent.Source.FORM, "social": Consent.Source.FORM,
    "email": Consent.Source.EMAIL, "phone": Consent.Source.PHONE, "event": Consent.Source.EVENT,
}  # fmt: skip


def agree(lead: Lead, capture: Capture) -> None:
    """What this person has agreed to: with double opt-in they are asked once more, at their address."""
    wanted = list(agreed(capture))
    if not wanted or not lead.email:
        return
    if capture.form is not None and capture.form.double_opt_in:
        if any(not consent.standing_of(lead, purpose).is_valid for purpose, _text in wanted):
            _ask(lead, capture)
        return
    for purpose, text in wanted:
        _write(lead, capture, purpose, text, at=capture.received_at, ip=capture.ip, source=_source(capture))


def agreed(capture: Capture) -> Any:
    """(purpose, the words that were read) of each tick. A version that never was is no consent."""
    ticked = capture.payload.get("consents")
    for code, version in ticked.items() if isinstance(ticked, dict) else ():
        purpose = Purpose.objects.in_use().filter(code=str(code)).first()
        text = PurposeText.objects.filter(purpose=purpose, version=version).first() if purpose else None
        if purpose is not None and text is not None:
            yield purpose, text


def _source(capture: Capture) -> str:
    return str(_SOURCES.get(capture.channel, Consent.Source.OTHER))


def _write(lead: Lead, capture: Capture, purpose: Purpose, text: PurposeText, **facts: Any) -> None:
    """A yes for the address it was said with: a lead that was given another one since does not get it."""
    sent = str(capture.payload.get("fields", {}).get("email", "")).strip()
    if sent.casefold() != lead.email.casefold():
        return
    who = access.Customer(lead.full_name or lead.email, lead.email)
    evidence = _("Submission %(number)d, “%(form)s”") % {"number": capture.pk, "form": capture.form or capture.channel}
    evidence += facts.pop("more", "")
    consent.give(subject=lead, purpose=purpose, by=who, text=text, evidence=evidence, **facts)


# --- Double opt-in --------------------------------------------------------------------------------------------------------


def _ask(lead: Lead, capture: Capture) -> None:
    asked = OptIn.objects.create(capture=capture, lead=lead, email=lead.email, nonce=secrets.token_urlsafe(32))
    with override(capture.form.language if capture.form else lead.language):
        link = settings.BASE_URL + reverse("leads:opt_in", args=[token_of(asked)])
        company = identity.own().name or "ZenCRM"
        words = "\n\n".join(f"- {text.text}" for _purpose, text in agreed(capture))
        outbox.send_mail(
            key=f"opt-in-{asked.pk}",
            subject=lead,
            to=[lead.email],
            title=_("Please confirm: %(company)s may write to you") % {"company": company},
            text=_(
                "Hello,\n\non our page somebody has left this e-mail address and agreed to:\n\n%(words)s\n\n"
                "If it was you, confirm it here (the link works once, for %(days)d days):\n%(link)s\n\n"
                "If it was not, do nothing: without the confirmation nothing is sent to you.\n\n%(company)s"
            )
            % {"words": words, "days": DAYS, "link": link, "company": company},
        )


def token_of(asked: OptIn) -> str:
    """Signed, and not to be made without the row's own random part."""
    return signing.dumps([asked.pk, asked.nonce], salt=_SALT)


def asked_by(token: str) -> OptIn | None:
    """The question a link belongs to; None for links that are forged or too old."""
    try:
        pk, nonce = signing.loads(token, salt=_SALT, max_age=timedelta(days=DAYS))
        found = OptIn.objects.select_related("capture__form", "lead").filter(pk=int(pk)).first()
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return found if found is not None and secrets.compare_digest(found.nonce, str(nonce)) else None


@transaction.atomic
def confirm(asked: OptIn, *, ip: str | None) -> None:
    """The yes of whoever reads mail at this address. Raises `Refused` the second time, and where the address has changed."""
    locked = OptIn.objects.select_for_update(of=("self",)).select_related("capture__form", "lead").get(pk=asked.pk)
    if locked.confirmed_at is not None:
        raise Refused(_("This link was used already: your consent stands."))
    if locked.lead.email.casefold() != locked.email.casefold():
        raise Refused(_("This address is no longer known here."))
    locked.confirmed_at, locked.ip = timezone.now(), ip
    locked.save(update_fields=["confirmed_at", "ip"])
    asked_for = timezone.localtime(locked.capture.received_at).strftime("%d/%m/%Y %H:%M")
    more = _(", ticked on %(day)s from %(ip)s, confirmed by the link sent to %(email)s") % {
        "day": asked_for,
        "ip": locked.capture.ip or "?",
        "email": locked.email,
    }
    for purpose, text in agreed(locked.capture):
        at = locked.confirmed_at
        _write(locked.lead, locked.capture, purpose, text, at=at, ip=ip, source=Consent.Source.LINK, more=more)

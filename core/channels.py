"""The ways out that every stage uses: e-mail and signed JSON webhooks."""

import hashlib
import hmac
import json
import smtplib
from typing import Any

import httpx
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from core import outbox
from core.outbox import DeliveryFailed


@outbox.channel("email", repeatable=False)
def send_email(delivery: Any) -> str:
    """Send by SMTP. The Message-ID is made from the key, so that a receiver can tell a repetition."""
    payload = delivery.payload
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    message = EmailMultiAlternatives(
        subject=payload["subject"],
        body=payload["text"],
        to=payload["to"],
        reply_to=[payload["reply_to"]] if payload.get("reply_to") else None,
        headers={"Message-ID": f"<{delivery.key}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    if payload.get("html"):
        message.attach_alternative(payload["html"], "text/html")
    for file in delivery.files.all():
        message.attach(file.name, bytes(file.content), file.mime)
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        raise DeliveryFailed(_("Recipient refused: %(error)s") % {"error": error}, final=True) from error
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryFailed(str(error)) from error
    return _("Accepted by the mail server")


def signature(secret: str, body: bytes) -> str:
    """HMAC-SHA256 of the body in hex, as the receiver of a webhook checks it."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@outbox.channel("webhook", repeatable=True)
def send_webhook(delivery: Any) -> str:
    """POST the payload's `body` as JSON to its `url`, signed; the key goes along so that the receiver drops repetitions."""
    body = json.dumps(delivery.payload["body"], cls=DjangoJSONEncoder, sort_keys=True).encode()
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": delivery.key,
        "X-ZenCRM-Signature": f"sha256={signature(settings.ERP_WEBHOOK_SECRET, body)}",
    }
    try:
        response = httpx.post(
            delivery.payload["url"], content=body, headers=headers, timeout=20, follow_redirects=False
        )
    except httpx.HTTPError as error:
        raise DeliveryFailed(str(error) or repr(error)) from error
    if response.is_success:
        return f"{response.status_code} {response.text[:500]}"
    final = 400 <= response.status_code < 500 and response.status_code not in (408, 409, 425, 429)
    raise DeliveryFailed(f"{response.status_code} {response.text[:500]}", final=final)

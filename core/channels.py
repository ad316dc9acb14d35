"""The ways out that every stage uses: e-mail and signed JSON webhooks."""

import hashlib
import hmac
import json
import smtplib
import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from core import outbox
from core.outbox import DeliveryFailed

#: Seconds a receiver has to answer, and bytes of its answer that are kept.
TIMEOUT, ANSWER = 20.0, 2000


@outbox.channel("email", repeatable=False)
def send_email(delivery: Any) -> str:
    """Send by SMTP: the payload, or the record that is itself a letter; for a purpose only to those who still agree."""
    if purpose := delivery.payload.get("purpose"):
        from core.privacy import mailing

        if reason := mailing.why_not(delivery.subject, purpose, delivery.payload["to"]):
            raise DeliveryFailed(reason, final=True)
    message = delivery.subject.as_message() if "letter" in delivery.payload else _message(delivery)
    if not message.recipients():
        raise DeliveryFailed(_("It has no addressee, or its content was erased."), final=True)
    _hand_over(message)
    return _("Accepted by the mail server")


def _message(delivery: Any) -> EmailMultiAlternatives:
    """The Message-ID is made from the key, so that a receiver can tell a repetition."""
    payload = delivery.payload
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    headers = {"Message-ID": f"<{delivery.key}@{domain}>", "Auto-Submitted": "auto-generated"}
    message = EmailMultiAlternatives(
        subject=payload["subject"],
        body=payload["text"],
        to=payload["to"],
        reply_to=[payload["reply_to"]] if payload.get("reply_to") else None,
        headers=payload.get("headers", {}) | headers,
    )
    if payload.get("html"):
        message.attach_alternative(payload["html"], "text/html")
    for file in delivery.files.all():
        message.attach(file.name, file.read(), file.mime)
    return message


def _hand_over(message: EmailMultiAlternatives) -> None:
    """To the mail server. What it refuses for now is tried again; a line that breaks off half-way is for a person to judge,
    because the message may have arrived, and sending twice is worse than asking."""
    connection = get_connection()
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryFailed(str(error) or repr(error)) from error
    try:
        connection.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        final = any(code >= 500 for code, _text in error.recipients.values())
        raise DeliveryFailed(_("Recipient refused: %(error)s") % {"error": error}, final=final) from error
    except smtplib.SMTPResponseException as error:
        raise DeliveryFailed(f"{error.smtp_code} {error.smtp_error!r}", final=error.smtp_code >= 500) from error
    except (smtplib.SMTPException, OSError) as error:
        text = _("The connection broke off while sending; it may have arrived. Check before sending again: %(error)s")
        raise DeliveryFailed(text % {"error": error or repr(error)}, final=True) from error
    finally:
        with suppress(smtplib.SMTPException, OSError):
            connection.close()


def signature(secret: str, body: bytes) -> str:
    """HMAC-SHA256 of the body in hex, as the receiver of a webhook checks it."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@outbox.channel("webhook", repeatable=True)
def send_webhook(delivery: Any) -> str:
    """POST the payload's `body` as JSON, signed; the key goes along so that the receiver drops repetitions.

    To a subscriber (`payload["webhook"]`) as core/webhooks.py says, else to the payload's own `url`, our ERP's.
    """
    if "webhook" in delivery.payload:
        from core import webhooks

        (*others, last), body, headers, extensions = webhooks.prepare(delivery)
        for url in others:
            with suppress(_Unreachable):
                return _post(url, body, headers, extensions=extensions, direct=True)
        return _post(last, body, headers, extensions=extensions, direct=True)
    body = json.dumps(delivery.payload["body"], cls=DjangoJSONEncoder, sort_keys=True).encode()
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": delivery.key,
        "X-ZenCRM-Signature": f"sha256={signature(settings.ERP_WEBHOOK_SECRET, body)}",
    }
    return _post(delivery.payload["url"], body, headers)


class _Unreachable(DeliveryFailed):
    """Nobody answers at this address: nothing was sent."""


def _post(
    url: str, body: bytes, headers: dict[str, str], *, extensions: dict[str, Any] | None = None, direct: bool = False
) -> str:
    """The status and beginning of the answer; `DeliveryFailed` for any but success. `direct`: past any proxy."""
    import httpx  # only the worker sends: the pages do without

    try:
        with (
            httpx.Client(trust_env=not direct, timeout=TIMEOUT, follow_redirects=False) as client,
            client.stream("POST", url, content=body, headers=headers, extensions=extensions) as response,
        ):
            text = _beginning(response)
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise _Unreachable(str(error) or repr(error)) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DeliveryFailed(str(error) or repr(error)) from error
    if response.is_success:
        return f"{response.status_code} {text}"
    final = 300 <= response.status_code < 500 and response.status_code not in (408, 409, 425, 429)
    raise DeliveryFailed(f"{response.status_code} {text}", final=final)


def _beginning(response: Any) -> str:
    """The first kilobytes of an answer: one that never ends, or only drips, does not hold the worker."""
    deadline, found = time.monotonic() + TIMEOUT, b""
    for piece in response.iter_bytes():
        found += piece
        if len(found) > ANSWER or time.monotonic() > deadline:
            break
    return found[:ANSWER].decode(errors="replace").replace("\0", "")

"""Sending things to the public doors, as people, programs and worse do."""

import json
import time
from typing import Any
from uuid import uuid4

from django.core import signing
from django.test import Client

from core.models import Purpose, PurposeText
from leads.capture import bots, endpoint, jobs
from leads.models import Capture, WebForm

ADA = {"last_name": "Lovelace", "email": "ada@engine.example", "message": "How much is it?"}


def shown(form: WebForm, seconds_ago: float = 30) -> str:
    """The signed time of a page that was shown a while ago."""
    return signing.Signer(salt=bots._SALT).sign(f"{form.token} {time.time() - seconds_ago:.1f}")


def fill_in(form: WebForm, client: Client | None = None, *, path: str = "", **values: Any) -> Any:
    """Send the hosted page's form as a person does."""
    sent = {**ADA, "_at": shown(form), "_key": uuid4().hex, bots.TRAP: "", **values}
    extra = {name: sent.pop(name) for name in ("REMOTE_ADDR", "HTTP_REFERER", "HTTP_USER_AGENT") if name in sent}
    return (client or Client()).post(path or form.public_url, sent, **extra)


def post(
    form: WebForm, data: Any = None, *, body: bytes | None = None, key: str | None = None, signature: str | None = None,
    **more: Any,
) -> Any:  # fmt: skip
    """Send JSON to the signed endpoint, rightly signed unless told otherwise."""
    raw = body if body is not None else json.dumps(ADA if data is None else data).encode()
    key = uuid4().hex if key is None else key
    signature = endpoint.sign(form.secret, key=key, body=raw) if signature is None else signature
    headers = {"ZenCRM-Signature": signature, "Idempotency-Key": key}
    kind = more.pop("content_type", "application/json")
    return Client().post(form.endpoint_url, raw, content_type=kind, headers=headers, **more)


def take_in() -> list[Capture]:
    """Let the job run; every capture there is, in order."""
    jobs.take_in_captures()
    return list(Capture.objects.order_by("pk"))


def newsletter(form: WebForm) -> PurposeText:
    """A purpose the form asks for, with its first words."""
    purpose = Purpose.objects.create(name="Newsletter", code="newsletter")
    text = PurposeText.objects.create(purpose=purpose, version=1, text_it="Ci sto", text_en="I agree")
    form.purposes.add(purpose)
    return text

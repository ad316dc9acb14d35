"""Deliveries: what leaves the house, through which channel, tried until it arrives or a person is asked."""

import hashlib
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core import files
from core.access import JOB
from core.lifecycle import Refused
from core.outbox.waking import BACK_OFF, kick

log = logging.getLogger(__name__)

#: The content of a delivery whose person was erased (core/privacy).
ERASED = {"erased": True}
#: From being claimed, a delivery has these many seconds to get under way. Only then may another worker take it for an
#: orphan: claim and attempt are two transactions, and in between nobody holds the row.
GRACE = 10


class DeliveryFailed(Exception):
    """The other side said no, or could not be reached. `final` means that trying again is pointless."""

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


@dataclass(frozen=True)
class Channel:
    """A way out. `repeatable`: the same delivery may be made twice without harm (same name, or a key the receiver knows)."""

    name: str
    send: Callable[[Any], str]
    repeatable: bool


_channels: dict[str, Channel] = {}


def channel(name: str, *, repeatable: bool) -> Callable[[Callable[[Any], str]], Callable[[Any], str]]:
    """Register `send(delivery) -> answer` as a channel; it raises `DeliveryFailed` when it did not work."""

    def register(send_function: Callable[[Any], str]) -> Callable[[Any], str]:
        _channels[name] = Channel(name, send_function, repeatable)
        return send_function

    return register


def send(
    *,
    channel: str,
    key: str,
    subject: models.Model,
    payload: dict[str, Any],
    files: Iterable[Any] = (),
) -> Any:
    """Put something in the post, inside the caller's transaction; the same key is never posted twice.

    `files` are `core.File`s kept already, which go out byte for byte as they are, or (name, mime, bytes) to be kept now.
    Returns the `core.Delivery`, the earlier one if the key is known.
    """
    from core.models import Delivery, File

    canonical = json.dumps(payload, cls=DjangoJSONEncoder, sort_keys=True)
    delivery, created = Delivery.objects.get_or_create(
        key=key,
        defaults={
            "channel": channel,
            "subject_type": ContentType.objects.get_for_model(subject),
            "subject_id": subject.pk,
            "thread_id": getattr(subject, "thread_id", None),
            "payload": payload,
            "payload_hash": hashlib.sha256(canonical.encode()).hexdigest(),
        },
    )
    if created:
        delivery.files.add(*(file if isinstance(file, File) else _keep(*file) for file in files))
        kick_on_commit(delivery)
    return delivery


def _keep(name: str, mime: str, content: bytes) -> Any:
    from core.models import File

    return File.store(name=name, mime=mime, content=content)


def kick_on_commit(delivery: Any) -> None:
    """Wake a worker for this delivery once the present transaction is through."""
    transaction.on_commit(partial(kick, "core.deliver", delivery_id=delivery.pk), robust=True)


def send_mail(
    *,
    key: str,
    subject: models.Model,
    to: list[str],
    title: str,
    text: str,
    html: str = "",
    files: Iterable[Any] = (),
    reply_to: str = "",
    headers: dict[str, str] | None = None,
    purpose: str = "",
) -> Any:
    """Post an e-mail about a record; answers go to `reply_to`, a person, where there is one.

    What is sent for a `purpose` (its code) goes to those only who have agreed to it: `Refused` for anybody else.
    """
    payload: dict[str, Any] = {"to": to, "subject": " ".join(title.split()), "text": text, "html": html}
    payload |= {"reply_to": reply_to} | ({"headers": headers} if headers else {})
    if purpose:
        from core.privacy import mailing

        if reason := mailing.why_not(subject, purpose, to):
            raise Refused(reason)
        payload["purpose"] = purpose
    return send(channel="email", key=key, subject=subject, payload=payload, files=files)


def send_letter(*, key: str, letter: Any) -> Any:
    """Post a record that is itself an e-mail: its words stay in it alone, and `letter.as_message()` is what goes out."""
    return send(channel="email", key=key, subject=letter, payload={"letter": letter.pk})


def deliver_due(limit: int = 200) -> int:
    """Make every delivery that is due, orphans of dead workers included. Returns how many were tried."""
    from core.models import Delivery

    due = list(Delivery.objects.due().values_list("pk", flat=True)[:limit])
    for pk in due:
        deliver(pk)
    return len(due)


def deliver(pk: int) -> None:
    """Make one delivery, if nobody else is at it and it is due."""
    if _claim(pk):
        _attempt(pk)


def _claim(pk: int) -> bool:
    """Commit "in flight" before the outside call, so that a crash leaves a trace."""
    from core.models import Delivery

    with transaction.atomic():
        delivery = Delivery.objects.due().filter(pk=pk).select_for_update(skip_locked=True).first()
        if delivery is None:
            return False
        found = _channels.get(delivery.channel)
        if delivery.state == Delivery.State.IN_FLIGHT and not (found and found.repeatable):
            error = _(
                "The worker died while sending; it may have arrived. Check with the receiver before sending again."
            )
            delivery.give_up(by=JOB, error=error)
            return False
        if delivery.state == Delivery.State.PENDING:
            delivery.start(by=JOB)
        return True


def _attempt(pk: int) -> None:
    from core.models import Delivery

    with transaction.atomic():
        # Waits for the lock: who looks in vain whether it is due holds it for a moment, and nobody else would come for it.
        delivery = Delivery.objects.filter(pk=pk, state=Delivery.State.IN_FLIGHT).select_for_update().first()
        if delivery is None:
            return
        found = _channels.get(delivery.channel)
        try:
            if delivery.payload == ERASED:
                raise DeliveryFailed(_("Its content was erased: there is nothing left to send."), final=True)
            if found is None:
                raise DeliveryFailed(_("Unknown channel “%(name)s”.") % {"name": delivery.channel}, final=True)
            answer = found.send(delivery)
        except DeliveryFailed as error:
            _try_later(delivery, str(error), final=error.final)
        except files.Unavailable as error:  # in the log already
            _try_later(delivery, str(error))
        except Exception as error:  # a channel's bug must not take the queue down
            log.exception("delivery failed", extra={"delivery": delivery.pk})
            _try_later(delivery, repr(error))
        else:
            delivery.confirm(by=JOB, answer=answer)


def _try_later(delivery: Any, error: str, *, final: bool = False) -> None:
    """Back to the queue with a longer wait each time; after the last try, to a person."""
    if final or delivery.attempts > len(BACK_OFF):
        delivery.give_up(by=JOB, error=error)
    else:
        delivery.postpone(by=JOB, error=error)


def due_filter() -> Q:
    """Pending and due, or left in flight by a worker that died (a live one holds the row lock, or was given its grace)."""
    return Q(state__in=("pending", "in_flight"), next_try_at__lte=timezone.now())

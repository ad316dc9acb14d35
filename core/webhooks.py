"""Other systems are told what happens here: one delivery per event and subscriber, made in the relay's own transaction.

A subscriber gets what its owner may see, and nothing of what they may not. The request follows the Standard Webhooks
specification: `webhook-id`, `webhook-timestamp`, and `webhook-signature: v1,<base64 of HMAC-SHA256 of "id.timestamp.body">`.
"""

import base64
import hashlib
import hmac
import ipaddress
import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, outbox
from core.api.registry import api_of, apis
from core.models import Webhook
from core.models.webhooks import MEMORY
from core.outbox import DeliveryFailed

#: When this process has last asked who listens, and what they said: the names, or None where somebody wants everything.
_asked_at = float("-inf")
_names: set[str] | None = set()

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


# --- From events to deliveries --------------------------------------------------------------------------------------------


def wants(event: Any) -> bool:
    """Whether somebody may listen to this event: then the relay keeps it until they are told.

    Asked at most every `MEMORY` seconds; a webhook counts from that long after it was switched on, so none is missed.
    """
    global _asked_at, _names
    if time.monotonic() - _asked_at >= MEMORY:
        lists = list(Webhook.objects.active().values_list("event_names", flat=True))
        _names = None if [] in lists else {name for names in lists for name in names}
        _asked_at = time.monotonic()
    return (_names is None or event.name in _names) and event.subject_type.model_class() in apis()


def forget() -> None:
    """Ask again at the next event: this process has changed who listens."""
    global _asked_at
    _asked_at = float("-inf")


def tell(event: Any) -> None:
    """One delivery for each subscriber whose owner may see what the event is about."""
    for hook in Webhook.objects.wanting(event).select_related("owner"):
        body = message(event, hook.owner)
        if body is not None:
            subject = event.subject or event.subject_type.model_class()(pk=event.subject_id)
            payload = {"webhook": hook.pk, "body": body}
            outbox.send(channel="webhook", key=f"hook-{hook.pk}-{event.pk}", subject=subject, payload=payload)


def message(event: Any, owner: Any) -> dict[str, Any] | None:
    """What a subscriber is told, as its owner sees it; None where the owner does not."""
    model = event.subject_type.model_class()
    api = api_of(model)
    if api is None or not owner.is_active or not owner.has_perm(api.permission("view")):
        return None
    found = None
    if event.subject is None:  # gone meanwhile: told of to those who would have seen any
        if not owner.has_perm(access.permission_name("see_all", model)):
            return None
    elif (record := api.told_to(owner, event.subject_id)) is not None:
        found = api.brief(record, owner)
    else:
        return None
    return {
        "id": event.pk,
        "type": event.name,
        "at": event.at.isoformat(),
        "actor": event.actor_name,
        "from": event.source,
        "to": event.target,
        "object": found,
    }


def send_test(hook: Webhook, *, by: Any) -> Any:
    """A message that says nothing happened, also to a webhook that is switched off."""
    access.demand(by, "core.change_webhook")
    body = {
        "id": 0,
        "type": "webhook.test",
        "at": timezone.now().isoformat(),
        "actor": access.name_of(by),
        "object": None,
    }
    payload = {"webhook": hook.pk, "body": body, "test": True}
    return outbox.send(channel="webhook", key=f"hook-{hook.pk}-test-{uuid4().hex}", subject=hook, payload=payload)


def event_names() -> list[tuple[Any, list[str]]]:
    """(kind of document, names of its events), for the form."""
    from core import history
    from core.lifecycle import verbs

    found = []
    for model in apis():
        kind = model._meta.model_name
        names = {f"{kind}.{verb.event}" for verb in verbs(model).values() if verb.event}
        names |= {name for name in history.sentences() if name.startswith(f"{kind}.")} | {f"{kind}.created"}
        if model.MERGEABLE:
            names |= {f"{kind}.{event}" for event in ("merged", "parted", "restored")}
        found.append((model._meta.verbose_name_plural, sorted(names)))
    return found


# --- On their way ---------------------------------------------------------------------------------------------------------


def prepare(delivery: Any) -> tuple[list[str], bytes, dict[str, str], dict[str, Any]]:
    """(addresses, body, headers, extensions) of the request; `DeliveryFailed` where it must not be made."""
    hook = Webhook.objects.filter(pk=delivery.payload["webhook"]).first()
    if hook is None or not (hook.is_active or delivery.payload.get("test")):
        raise DeliveryFailed(_("This webhook is switched off."), final=True)
    body = json.dumps(delivery.payload["body"], cls=DjangoJSONEncoder, sort_keys=True).encode()
    stamp = str(int(time.time()))
    urls, host = pinned(hook.url)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "ZenCRM",
        "Host": host,
        "Idempotency-Key": delivery.key,
        "webhook-id": delivery.key,
        "webhook-timestamp": stamp,
        "webhook-signature": sign(hook.secret, delivery.key, stamp, body),
    }
    return urls, body, headers, {"sni_hostname": urlsplit(hook.url).hostname}


def sign(secret: str, key: str, stamp: str, body: bytes) -> str:
    """The signature of the Standard Webhooks specification, version 1."""
    raw = base64.b64decode(secret.removeprefix("whsec_"))
    made = hmac.new(raw, f"{key}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def pinned(url: str) -> tuple[list[str], str]:
    """The addresses of the host, and the Host header: what was judged is what is called, whatever DNS says next.

    The system says which is the better one; of IPv4 and IPv6 one each, because a host may have both and be reached by one.
    """
    try:
        check_address(url)
    except ValidationError as error:
        raise DeliveryFailed(" ".join(error.messages), final=True) from error
    parts = urlsplit(url)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DeliveryFailed(_("The address cannot be found: %(error)s") % {"error": error}) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not settings.WEBHOOK_PRIVATE_ADDRESSES and not all(is_public(address) for address in addresses):
        raise DeliveryFailed(_("This address belongs to our own network."), final=True)
    hosts: dict[bool, str] = {}
    for address in addresses:
        is_six = ":" in address
        hosts.setdefault(is_six, f"[{address}]" if is_six else address)
    return [parts._replace(netloc=f"{host}:{port}").geturl() for host in hosts.values()], parts.netloc


def check_address(url: str) -> None:
    """`ValidationError` unless the address is one that may be called: https, without a password in it, not our own network."""
    parts = urlsplit(url)
    try:
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValidationError(_("This is no web address.")) from error
    schemes = ("https", "http") if settings.WEBHOOK_PRIVATE_ADDRESSES else ("https",)
    if parts.scheme not in schemes or not host:
        raise ValidationError(_("The address begins with https://."))
    if parts.username or parts.password:
        raise ValidationError(_("No user name and password in the address: the signature says who calls."))
    if not settings.WEBHOOK_PRIVATE_ADDRESSES and (host == "localhost" or (_is_address(host) and not is_public(host))):
        raise ValidationError(_("This address belongs to our own network."))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_public(address: str) -> bool:
    """Whether an IP address lies on the internet, also when an IPv6 address only wraps an IPv4 one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast

"""Mail that comes in finds its record: by the signed address it is sent to, by the e-mail it answers, by who wrote it."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from activities import notifications
from activities.mail import letter, parsing
from activities.mail.incoming import Incoming
from activities.mail.sending import readers
from activities.models import Email
from core import access, fulltext, history, letters
from core.models import File
from people.models import User

log = logging.getLogger(__name__)

#: Bytes of one message; messages of one sender in an hour after which nobody is called any more.
MOST_BYTES, MOST_PER_HOUR = 25 * 1024 * 1024, 60
RECEIVED, UNDELIVERED = "email.received", "email.undelivered"


class Outcome(Enum):
    KEPT = "kept"
    KNOWN = "known already"
    LOOP = "one of ours, or going round in circles"


@dataclass(frozen=True)
class Place:
    """Where a message belongs: the e-mail it answers, or the record of who wrote it."""

    answered: Email | None = None
    subject: Any = None


def take_in(raw: bytes) -> tuple[Outcome, Email | None]:
    """Keep one message, whatever it is. The same message, by its Message-ID, is kept once."""
    return keep(parsing.parse(raw))


def keep(found: Incoming) -> tuple[Outcome, Email | None]:
    if _is_loop(found):
        log.warning("mail dropped: a loop", extra={"message_id": found.message_id, "sender": found.sender})
        return Outcome.LOOP, None
    if Email.objects.filter(message_id=found.message_id).exists():
        return Outcome.KNOWN, None
    try:
        with transaction.atomic():
            return Outcome.KEPT, _store(found, _place(found))
    except IntegrityError:
        if Email.objects.filter(message_id=found.message_id).exists():  # another reader of the box was faster
            return Outcome.KNOWN, None
        raise


def _is_loop(found: Incoming) -> bool:
    """Our own mail coming back, or one that was handed round too often."""
    return found.hops > parsing.MOST_HOPS or letter.is_ours(found.sender)


# --- Where it belongs -----------------------------------------------------------------------------------------------------


def _place(found: Incoming) -> Place:
    answered = _answered(found)
    if answered is not None:
        return Place(answered, answered.subject)
    return Place(subject=None if found.bounce else record_of(found.sender))


def _answered(found: Incoming) -> Email | None:
    """By the signed address; else by the messages it names, the latest first. Both are ours and cannot be guessed."""
    rows = Email.objects.select_related("owner")
    if (pk := letter.answered(found.routes)) is not None and (email := rows.filter(pk=pk).first()):
        return email
    named = [found.in_reply_to, *reversed(found.references)]
    known = {email.message_id: email for email in rows.filter(message_id__in=[name for name in named if name])}
    return next((known[name] for name in named if name in known), None)


def record_of(address: str) -> Any:
    """The record of whoever writes from this address: a contact, a company, a lead; the newest of several."""
    if not address:
        return None
    for declared in letters.all_letters():
        if declared.known_by:
            rows: Any = declared.model.objects  # type: ignore[attr-defined]
            # The words find the candidates by the index, the comparison decides.
            same = rows.filter(search=fulltext.exactly(address), **{f"{declared.known_by}__iexact": address})
            if (found := same.order_by("-pk").first()) is not None:
                return found
    return None


# --- Keeping --------------------------------------------------------------------------------------------------------------


def _store(found: Incoming, place: Place) -> Email:
    answered, subject = place.answered, place.subject
    email = Email(
        direction=Email.Direction.IN,
        owner=answered.owner if answered else getattr(subject, "owner", None),
        private=answered.private if answered else False,
        language=answered.language if answered else getattr(subject, "language", "") or "it",
        **{name: getattr(found, name) for name in (*_COPIED, "refused")},
    )
    if subject is not None:
        email.subject_type, email.subject_id = ContentType.objects.get_for_model(subject), subject.pk
    email.save()
    email.files.set(File.store(name=f.name, mime=f.mime, content=f.content) for f in found.files)
    people = list(readers([*found.to, *found.cc]))
    email.readers.set(people)
    who = access.Customer(name=email.from_whom or _("unknown"), email=email.sender)
    history.record(RECEIVED, email, by=who)
    _tell(email, found, people)
    return email


_COPIED = (
    "message_id", "sender", "sender_name", "to", "cc", "title", "text", "sent_at", "in_reply_to", "references",
    "automatic",
)  # fmt: skip


def _tell(email: Email, found: Incoming, people: Iterable[User]) -> None:
    """The owner and the colleagues it was sent to. Of what machines write, only that an e-mail did not arrive."""
    if (email.automatic and not found.bounce) or _floods(email.sender):
        return
    users = {user.pk: user for user in people}
    if email.owner is not None:
        users[email.owner.pk] = email.owner
    notifications.tell(
        users.values(),
        kind=notifications.Kind.MAIL,
        name=UNDELIVERED if found.bounce else RECEIVED,
        subject=email,
        actor_name=email.from_whom,
        cause=f"email-{email.pk}",
    )


def tell_of_failure(event: Any) -> None:
    """Reaction to `delivery.failed`: whoever wrote the e-mail is told, as of a bounce."""
    email = Email.objects.filter(delivery_id=event.subject_id).select_related("owner").first()
    if email is not None and email.owner is not None:
        notifications.tell(
            [email.owner],
            kind=notifications.Kind.MAIL,
            name=UNDELIVERED,
            subject=email,
            actor_name=_("Mail server"),
            cause=f"event-{event.pk}",
        )


def _floods(sender: str) -> bool:
    since = timezone.now() - timedelta(hours=1)
    return Email.objects.filter(direction="in", sender=sender, created_at__gte=since).count() > MOST_PER_HOUR

"""The one door by which a mail for a purpose goes out: its row, its words, and the post, which asks for the consent again."""

from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType

from core import outbox
from core.models import Purpose
from leads.models import Edition, Send
from leads.nurture import letters, links


def post(
    person: Any,
    *,
    edition: Edition,
    purpose: Purpose,
    sender: Any,
    measuring: Purpose | None = None,
    **origin: Any,
) -> Send:
    """Post one mail, inside the caller's transaction; `origin` is its mailing, or its enrolment and step.

    Raises `Refused` without a valid consent, `IntegrityError` where this mailing or step has written to them before.
    """
    send = Send.objects.create(
        subject_type=ContentType.objects.get_for_model(person),
        subject_id=person.pk,
        edition=edition,
        purpose=purpose,
        measuring=measuring,
        email=person.email.lower(),
        **origin,
    )
    letter = letters.write(edition, person, sender, purpose, send)
    send.delivery = outbox.send_mail(
        key=links.key(send.pk),
        subject=person,
        to=[letter.to],
        title=letter.title,
        text=letter.text,
        html=letter.html,
        reply_to=answers_to(sender),
        headers=letters.headers(send),
        purpose=purpose.code,
    )
    send.save(update_fields=["delivery"])
    return send


def answers_to(sender: Any) -> str:
    """Our mailbox, which knows the answer by the mail it names; without one, the sender's own."""
    return settings.MAIL_REPLY_ADDRESS or getattr(sender, "email", "")

"""An e-mail to one of our addresses from somebody we do not know is a lead; the message then stands on its page."""

from typing import Any

from django.conf import settings

from activities.mail import filing, reading
from activities.models import Email
from core import access
from leads.capture import receiving
from leads.models import Capture, Lead
from people.models import User


def capture_of_mail(event: Any) -> None:
    """Reaction to `email.received`: what belongs to no record, was written by a person, and sent to an address for it."""
    email = Email.objects.filter(pk=event.subject_id).first()
    if email is None or not is_a_request(email):
        return
    first, _space, last = email.sender_name.strip().rpartition(" ")
    fields = {
        "email": email.sender,
        "first_name": first[:80],
        "last_name": last[:80],
        "interest": email.title[:200],
        "message": reading.own_words(email.text)[: receiving.LONGEST],
    }
    receiving.keep(
        form=None, channel="email", key=f"mail:{email.message_id}"[:200], payload={"fields": fields, "mail": email.pk}
    )


def is_a_request(email: Email) -> bool:
    """No answers, nothing from machines or colleagues, nothing private."""
    ours = {address.lower() for address in settings.LEAD_ADDRESSES}
    return (
        email.is_incoming
        and email.subject_id is None
        and not (email.automatic or email.private or email.in_reply_to)
        and bool(email.sender)
        and bool(ours & {address.lower() for address in (*email.to, *email.cc)})
        and not User.objects.filter(email__iexact=email.sender).exists()
    )


def put_on_lead(lead: Lead, capture: Capture) -> None:
    """The message belongs to the lead that was made of it, unless somebody has put it elsewhere meanwhile."""
    email = Email.objects.filter(pk=capture.payload.get("mail"), subject_id=None).first()
    if email is not None:
        filing.attach(email=email, subject=lead, by=access.JOB)

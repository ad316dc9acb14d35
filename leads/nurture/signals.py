"""What comes back of a mail: openings and clicks of those who agreed to be measured, answers, returns, withdrawals.

Programs look into mails before anybody reads them: to check links, to fetch pictures ahead. Their openings are told apart as
far as one can tell: by how they call themselves, by being faster than a person, by asking for a page as no browser does.
"""

import re
from datetime import timedelta
from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone

from activities.models import Email
from core.models import Delivery
from core.privacy.consent import standing_of
from leads import touches
from leads.models import Enrolment, Lead, Send, Touch
from leads.nurture import links, stopping
from leads.scoring import reacting

#: Nobody has read a mail so soon after the mail server took it.
FASTER_THAN_PEOPLE = timedelta(seconds=10)
_MACHINES = re.compile(
    r"bot\b|crawl|spider|scan|preview|prefetch|proofpoint|barracuda|mimecast|symantec|safelinks|urldefense|trendmicro"
    r"|python|curl|wget|java/|go-http|okhttp|headless|yahoomailproxy",
    re.IGNORECASE,
)
#: Apple's Mail fetches pictures through its own servers, whether or not anybody reads the mail, and says only this.
_APPLE_AHEAD = "Mozilla/5.0"
#: What a mail server says of a receiver for good, as smtplib writes it (RFC 5321, 4.2.1); the same in a report (RFC 3464).
_FOR_GOOD = re.compile(r"\(55\d, b['\"]")
_REPORTED = re.compile(r"^status:\s*([245])\.\d+\.\d+", re.IGNORECASE | re.MULTILINE)


def is_machine(request: HttpRequest, send: Send, *, picture: bool) -> bool:
    """Whether this looks like a program rather than a person."""
    agent = request.headers.get("User-Agent", "").strip()
    if request.method != "GET" or not agent or _MACHINES.search(agent):
        return True
    if picture and agent == _APPLE_AHEAD:
        return True
    if not picture and not request.headers.get("Accept-Language"):
        return True
    sent = send.delivery.delivered_at if send.delivery else None
    return sent is None or timezone.now() - sent < FASTER_THAN_PEOPLE


def may_measure(send: Send) -> bool:
    """Whether the person agrees to it, still."""
    person: Any = send.subject
    return send.measuring is not None and person is not None and standing_of(person, send.measuring).is_valid


def note_opening(request: HttpRequest, send: Send) -> None:
    if not may_measure(send):
        return
    name = "machine_at" if is_machine(request, send, picture=True) else "opened_at"
    _first(send, name)


def note_click(request: HttpRequest, send: Send, number: int) -> bool:
    """Whether a person clicked for the first time. Whoever clicks has opened the mail."""
    if not may_measure(send):
        return False
    if is_machine(request, send, picture=False):
        _first(send, "machine_at")
        return False
    if number not in send.links:
        Send.objects.filter(pk=send.pk).exclude(links__contains=[number]).update(links=[*send.links, number])
    _first(send, "opened_at")
    if not _first(send, "clicked_at"):
        return False
    if isinstance(person := send.subject, Lead):
        _touch(person, send, number)
    return True


def _touch(lead: Lead, send: Send, number: int) -> None:
    """A mailing has brought somebody back to us."""
    campaign = send.mailing.campaign if send.mailing else None
    facts = {"source": str(send.sender), "medium": "email", "page": send.edition.links[number]}
    touches.record(lead, at=timezone.now(), channel=Touch.Channel.MAIL, campaign=campaign, **facts)


def _first(send: Send, name: str) -> bool:
    """Write down when something happened for the first time."""
    first = bool(Send.objects.filter(pk=send.pk, **{f"{name}__isnull": True}).update(**{name: timezone.now()}))
    if first and isinstance(person := send.subject, Lead):
        reacting.happened("sends", person.pk)
    return first


# --- Mail that comes in -----------------------------------------------------------------------------------------------------


def on_mail(event: Any) -> None:
    """Reaction to `email.received`: an answer, or a report that a mail of ours did not arrive."""
    email = Email.objects.filter(pk=event.subject_id).first()
    if email is None:
        return
    named = links.answered([email.in_reply_to, *reversed(email.references)])
    send = Send.objects.filter(pk=named).first() if named is not None else None
    if email.automatic:
        if send is not None and _came_back(email.text):
            _returned(send)
        return
    if send is not None:
        _replied(send)
    if email.subject_type_id is not None:
        _wrote(email)


def _came_back(text: str) -> bool:
    """Whether a report says that a mail is never going to arrive. An absence note has no such line."""
    found = _REPORTED.search(text)
    return found is not None and found.group(1) == "5"


def _replied(send: Send) -> None:
    _first(send, "replied_at")
    if send.enrolment_id is not None:
        rows = Enrolment.objects.filter(pk=send.enrolment_id, sequence__stop_on_reply=True)
        stopping.stop(rows, Enrolment.Why.REPLIED)


def _wrote(email: Email) -> None:
    """Somebody who is in a sequence writes to us, whatever they answer to: the next mail would talk past them."""
    of_them = Enrolment.objects.filter(subject_type=email.subject_type_id, subject_id=email.subject_id)
    stopping.stop(of_them.filter(sequence__stop_on_reply=True), Enrolment.Why.REPLIED)


def _returned(send: Send) -> None:
    """No mail goes to this address any more, until the person has another one."""
    _first(send, "bounced_at")
    stopping.stop(Enrolment.objects.filter(Q(pk=send.enrolment_id) | Q(email=send.email)), Enrolment.Why.BOUNCED)


def on_failure(event: Any) -> None:
    """Reaction to `delivery.failed`: the mail server takes nothing for this address."""
    send = Send.objects.filter(delivery_id=event.subject_id).select_related("delivery").first()
    if send is None or send.delivery is None:
        return
    if send.delivery.state == Delivery.State.FAILED and _FOR_GOOD.search(send.delivery.last_error):
        _returned(send)


def note_withdrawal(send: Send) -> None:
    """The person has said no by this mail."""
    now = timezone.now()
    Send.objects.filter(pk=send.pk).update(unsubscribed_at=Coalesce(F("unsubscribed_at"), now))

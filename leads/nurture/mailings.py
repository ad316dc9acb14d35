"""A mailing from the decision to the last mail: every person of the segment once, whatever happens to the worker."""

from functools import partial
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from core import access, outbox
from core.access import JOB
from core.lifecycle import Refused
from core.privacy.consent import consenting
from leads.models import Edition, Mailing, Send
from leads.nurture import audience, letters, sending
from parties.models import Language

SEND = "leads.send_mailing"
#: People of one transaction: what a killed worker leaves undone, and does again.
BATCH = 100


def start(*, mailing: Mailing, by: access.Actor) -> Mailing:
    """Send it to everybody of the segment whom `by` may see and who agrees to the purpose; a worker writes the mails.

    Raises `PermissionDenied`, `Refused`.
    """
    access.demand(by, SEND)
    someone_in(mailing, access.user_of(by))
    with transaction.atomic():
        mailing.send(by=by, editions=mailing.editions or editions_of(mailing))
        transaction.on_commit(partial(outbox.kick, "leads.send_mailings"), robust=True)
    return mailing


def someone_in(mailing: Mailing, user: Any) -> None:
    """`Refused` where there is nobody to write to."""
    rows = audience.rows_of(mailing.segment, user)
    if not audience.reachable(rows, mailing.purpose).exists():
        raise Refused(_("Nobody of this segment may be written to for this purpose."))


def editions_of(mailing: Mailing) -> dict[str, int]:
    """The words in each language, as they are now: {language: id of the edition}."""
    return {code: letters.edition_of(mailing.template, code).pk for code in Language.values}


def send_waiting() -> int:
    """Go on with every mailing that is being sent. Returns how many mails were posted."""
    posted = 0
    for pk in Mailing.objects.filter(state=Mailing.State.SENDING).values_list("pk", flat=True):
        while (done := _batch(pk)) is not None:
            posted += done
    return posted


def _batch(pk: int) -> int | None:
    """The next people, all of them or none; None when there is nothing to do, or somebody else does it."""
    with transaction.atomic():
        mailing = (
            Mailing.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("segment", "purpose", "measuring", "owner")
            .filter(pk=pk, state=Mailing.State.SENDING)
            .first()
        )
        if mailing is None:
            return None
        try:
            people = _next(mailing)
        except Refused:
            mailing.cancel(by=JOB)
            return None
        if not people:
            mailing.finish(by=JOB)
            return None
        return _post(mailing, people)


def _next(mailing: Mailing) -> list[Any]:
    rows = audience.rows_of(mailing.segment, mailing.owner)
    ids = rows.filter(pk__gt=mailing.place).order_by("pk").values_list("pk", flat=True)[:BATCH]
    return list(audience.model_of(mailing.segment.kind).objects.filter(pk__in=list(ids)).order_by("pk"))


def _post(mailing: Mailing, people: list[Any]) -> int:
    emails = {person.email.lower() for person in people}
    taken = set(Send.objects.filter(mailing=mailing, email__in=emails).values_list("email", flat=True))
    ready, why = audience.sort_out(people, mailing.purpose, taken)
    measured = _measured(mailing, ready)
    editions = Edition.objects.in_bulk(set(mailing.editions.values()))
    for person in ready:
        edition = editions[mailing.editions.get(letters.language_of(person), mailing.editions[Language.ITALIAN])]
        measuring = mailing.measuring if person.pk in measured else None
        facts: dict[str, Any] = {"purpose": mailing.purpose, "sender": mailing.owner, "measuring": measuring}
        sending.post(person, edition=edition, mailing=mailing, **facts)
    for reason in why.values():
        mailing.left_out[reason] = mailing.left_out.get(reason, 0) + 1
    mailing.place = max(person.pk for person in people)
    Mailing.objects.filter(pk=mailing.pk).update(place=mailing.place, left_out=mailing.left_out)
    return len(ready)


def _measured(mailing: Mailing, people: list[Any]) -> set[int]:
    """Those whose opens and clicks may be measured."""
    if mailing.measuring is None or not people:
        return set()
    rows = type(people[0])._base_manager.filter(pk__in=[person.pk for person in people])
    return set(consenting(rows, mailing.measuring).values_list("pk", flat=True))


# --- Looking before sending -----------------------------------------------------------------------------------------------


def preview(mailing: Mailing, user: Any, language: str = "") -> letters.Letter | None:
    """The mail as one person of the segment would get it, whom the user may see; None where there is nobody."""
    rows = audience.rows_of(mailing.segment, user)
    person = audience.reachable(rows, mailing.purpose).order_by("pk").first() or rows.order_by("pk").first()
    if person is None:
        return None
    edition = _words(mailing, language or letters.language_of(person))
    return letters.write(edition, person, mailing.owner or user, mailing.purpose)


def _words(mailing: Mailing, language: str) -> Edition:
    """As they are, or as they were when it was scheduled."""
    if language in mailing.editions:
        return Edition.objects.get(pk=mailing.editions[language])
    return letters.draft_of(mailing.template, language)


def send_trial(*, mailing: Mailing, by: Any) -> Any:
    """Mail it to oneself, and to nobody else. Returns the delivery."""
    access.demand(by, "leads.change_mailing")
    user = access.user_of(by)
    if user is None or not user.email:
        raise Refused(_("Your account has no e-mail address."))
    letter = preview(mailing, user)
    if letter is None:
        raise Refused(_("There is nobody in the segment whose name could be filled in."))
    facts: dict[str, Any] = {
        "title": _("[Trial] %(title)s") % {"title": letter.title},
        "text": letter.text,
        "html": letter.html,
    }
    return outbox.send_mail(key=f"mailing-{mailing.pk}-trial-{uuid4().hex}", subject=mailing, to=[user.email], **facts)

"""Writing: a letter filled in from a template, an answer begun, and the sending of what somebody has approved."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from activities.mail import letter
from activities.models import Email, MailTemplate
from core import access, formats, history, letters, outbox
from core.lifecycle import Refused
from core.models import File
from core.uploads import Upload
from people.models import User

#: Addresses of one e-mail, bytes of all its files together, and references of a long exchange that are kept.
MOST_ADDRESSES, MOST_BYTES, MOST_REFERENCES = 20, 20 * 1024 * 1024, 20
#: Characters of an e-mail that are quoted below its answer.
QUOTED = 20_000


@dataclass
class Draft:
    """A letter before anybody has changed it. `empty` are placeholders that had nothing to fill in."""

    to: list[str]
    title: str
    text: str
    language: str
    cc: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)


def draft(
    *,
    subject: Any,
    by: User,
    template: MailTemplate | None = None,
    language: str = "",
    to: Iterable[str] = (),
    answers: Email | None = None,
    everybody: bool = False,
) -> Draft:
    """A letter about a record: to its likeliest person, in the customer's language unless others are given.

    `answers` makes it the answer to an e-mail, which is quoted below; `everybody` copies those who got it too.
    """
    declared = _declared(subject)
    people = declared.persons(subject)
    found = _answer(answers, by, everybody=everybody) if answers else Draft([], "", "", "")
    found.to = [address for address in to if address] or found.to or [person.address for person in people[:1]]
    found.language = language or found.language or declared.language(subject)
    quoted, text = found.text, ""
    if template is not None:
        title, text, found.language = template.in_language(found.language)
        context = letters.Context(subject, by, _recipient(people, found.to), found.language)
        found.title = found.title or " ".join(letters.merge(title, context).split())
        text, found.empty = letters.merge(text, context), list(dict.fromkeys(context.empty))
    parts = (text.rstrip(), letter.signature_of(by), quoted)
    found.text = ("" if text else "\n\n") + "\n\n".join(part for part in parts if part)
    return found


def _answer(email: Email, by: User, *, everybody: bool) -> Draft:
    """The beginning of an answer: whom it goes to, its subject, and what was written, quoted."""
    came_in = email.is_incoming
    to = [email.sender] if came_in else list(email.to)
    others = [*email.to, *email.cc] if came_in else email.cc
    mine = {by.email.lower(), *(address.lower() for address in to)}
    cc = [a for a in others if everybody and a.lower() not in mine and not letter.is_ours(a)]
    title = email.title if email.title.lower().startswith("re:") else f"Re: {email.title}"
    with translation.override(email.language):
        when = formats.datetime(email.sent_at)
        head = _("On %(when)s %(who)s wrote:") % {"when": when, "who": email.from_whom}
    quoted = "\n".join(f"> {line}".rstrip() for line in email.text[:QUOTED].splitlines())
    return Draft(to, title[:300], f"{head}\n{quoted}", email.language, cc)


def _declared(subject: Any) -> letters.Letters:
    declared = letters.letters_of(type(subject))
    if declared is None:
        raise Refused(_("No e-mails are written about records of this kind."))
    return declared


def _recipient(people: list[letters.Person], to: list[str]) -> letters.Person | None:
    first = to[0].lower() if to else ""
    return next((person for person in people if person.address.lower() == first), None)


def has_pdf(subject: Any) -> bool:
    """Whether the record's own document can go along now."""
    declared = letters.letters_of(type(subject))
    return declared is not None and declared.pdf is not None and getattr(subject, "state", "") in declared.pdf_states


def send_email(
    *,
    subject: Any,
    by: access.Actor,
    to: list[str],
    title: str,
    text: str,
    cc: Iterable[str] = (),
    files: Iterable[Upload] = (),
    with_pdf: bool = False,
    private: bool = False,
    language: str = "it",
    template: MailTemplate | None = None,
    answers: Email | None = None,
) -> Email:
    """Keep an e-mail about a record and put it in the post, in one transaction. A worker hands it to the mail server.

    Raises `Refused` where something is missing, `PermissionDenied` without the right to write.
    """
    access.demand(by, "activities.add_email")
    copies = list(cc)
    author = _author(by, to + copies if to else [], title, text)
    attached = _files(subject, _declared(subject), files, with_pdf=with_pdf)
    with transaction.atomic(), history.acting(by):
        email = Email(
            subject_type=ContentType.objects.get_for_model(subject),
            subject_id=subject.pk,
            private=private,
            title=" ".join(title.split()),
            text=text.rstrip() + "\n",
            to=to,
            cc=copies,
            language=language,
            template=template,
            **_from(author),
            **_thread_of(answers),
        )
        email.full_clean(exclude=["delivery"])
        email.save()
        return _posted(email, attached, by)


def _author(by: access.Actor, addresses: list[str], title: str, text: str) -> User:
    """Who writes; `Refused` where something is missing that every e-mail has."""
    author = access.user_of(by)
    if author is None or not 0 < len(addresses) <= MOST_ADDRESSES or not title.strip() or not text.strip():
        text = _("An e-mail has a sender, a subject, a text and up to %(n)d recipients.")
        raise Refused(text % {"n": MOST_ADDRESSES})
    return author


def _from(author: User) -> dict[str, Any]:
    """What an e-mail that goes out says of where it comes from."""
    return {
        "direction": Email.Direction.OUT,
        "owner": author,
        "sender": letter.own_address(),
        "sender_name": str(author),
        "message_id": letter.new_message_id(),
    }


def _posted(email: Email, attached: list[File], by: access.Actor) -> Email:
    """With its files and readers, in the outbox."""
    email.files.set(attached)
    email.readers.set(readers([*email.to, *email.cc]))
    email.delivery = outbox.send_letter(key=f"email-{email.pk}", letter=email)
    email.save(update_fields=["delivery"])
    history.record("email.sent", email, by=by)
    return email


def _files(subject: Any, declared: letters.Letters, uploads: Iterable[Upload], *, with_pdf: bool) -> list[File]:
    """Printed before any lock is taken: it takes its time."""
    uploads = list(uploads)
    kept = [declared.pdf(subject)] if with_pdf and declared.pdf is not None and has_pdf(subject) else []
    if sum(len(file.content) for file in uploads) + sum(file.size for file in kept) > MOST_BYTES:
        raise Refused(_("All files together have at most %(n)d MB.") % {"n": MOST_BYTES // 1024 // 1024})
    for file in kept:
        if file.pk is None:
            file.save()
    return [*kept, *(File.store(name=file.name, mime=file.mime, content=bytes(file.content)) for file in uploads)]


def _thread_of(answers: Email | None) -> dict[str, Any]:
    if answers is None:
        return {}
    references = [*answers.references, answers.message_id][-MOST_REFERENCES:]
    return {"in_reply_to": answers.message_id, "references": references}


def readers(addresses: Iterable[str]) -> models.QuerySet[User]:
    """The users among these addresses."""
    lower = [address.lower() for address in addresses]
    found = User.objects.filter(is_active=True).exclude(email="")
    return found.alias(address=models.functions.Lower("email")).filter(address__in=lower)

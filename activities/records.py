"""What every record's page gets from here: composer, next activities, and entries of the timeline."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef
from django.db.models.functions import JSONObject, Left
from django.http import HttpRequest
from django.urls import reverse

from activities import subjects
from activities.forms import NoteForm
from activities.mail import reading
from activities.models import Activity, Email, Note
from core.history import Entry
from core.letters import letters_of
from core.models import Record
from core.written import Statement, written
from people.models import User

ICONS = {"task": "checkbox", "call": "phone", "meeting": "calendar-event", "email": "mail"}
#: The kinds of a timeline's filter that done activities belong to.
_KINDS = {"call": "call", "email": "mail"}
_SHOWN = 6
#: Done ones that a timeline tells.
_DONE = 100
#: Where a record keeps what `_activities` has fetched.
_FETCHED = "fetched_activities"
#: Characters of an e-mail that a timeline shows.
_BEGINNING = 1500
#: How many notes and e-mails a timeline tells, and what of the latter.
_NOTES, _MAILS, _OF_MAILS = 100, 100, ("direction", "to", "title", "private", "sender", "sender_name", "sent_at")


def address(record: Any) -> list[Any]:
    """The arguments that name a record in our addresses."""
    return [record._meta.app_label, record._meta.model_name, record.pk]


def page_extra(record: Any, request: HttpRequest) -> dict[str, Any]:
    """Context of `activities/composer.html` and `activities/next.html`; an activity's own page has neither."""
    user = request.user
    if isinstance(record, subjects.NO_SUBJECTS) or not isinstance(record, Record):
        return {"composer_template": "", "next_template": ""}
    found: dict[str, Any] = {}
    if user.has_perm("activities.add_note"):
        found["note_form"] = NoteForm(user=user, record=record, prefix="note")
        found["note_url"] = reverse("activities:note_create", args=address(record))
        if letters_of(type(record)) and user.has_perm("activities.add_email"):
            found["mail_url"] = reverse("activities:email_about", args=address(record))
    else:
        found["composer_template"] = ""
    if not user.has_perm("activities.view_activity"):
        return found | {"next_template": ""}
    found["next_activities"] = [a for a in _activities(record) if a.done_at is None][: _SHOWN + 1]
    found["may_change_activities"] = user.has_perm("activities.change_activity")
    if user.has_perm("activities.add_activity"):
        found["schedule_url"] = reverse("activities:activity_about", args=address(record))
        found["plans_url"] = reverse("activities:plan_start", args=address(record))
    return found


def _activities(record: Any) -> list[Activity]:
    """What is to be done about a record, the next first, and the last of what was done: one question per page."""
    if _FETCHED not in record.__dict__:
        rows = Activity.objects.about(record).select_related("owner")
        rows = rows.order_by(F("done_at").desc(nulls_first=True), "due_on", "pk")
        record.__dict__[_FETCHED] = list(rows[: _SHOWN + 1 + _DONE])
    return list(record.__dict__[_FETCHED])


def timeline_entries(record: Any, user: Any) -> Iterator[Entry]:
    """Notes, their files, and what was done about a record the reader is looking at."""
    kind = ContentType.objects.get_for_model(record)
    notes = Note.objects.filter(subject_type=kind, subject_id=record.pk).select_related("author")
    for note in notes.annotate(attached=_attached(Note))[:_NOTES]:
        yield from _of_note(note)
    yield from _mails(record, user)
    if not user.has_perm("activities.view_activity"):
        return
    for activity in _activities(record):
        if activity.done_at is None:
            continue
        text = f"{activity.get_kind_display()}: {activity.summary}"
        url = activity.get_absolute_url()
        entry_kind = _KINDS.get(activity.kind, "act")
        icon = ICONS[activity.kind]
        yield Entry(activity.done_at, str(activity.owner), entry_kind, text, body=activity.outcome, url=url, icon=icon)


@cache
def _attached(model: Any) -> Any:
    """The files of a note or an e-mail, as {pk, name}, in the question that fetches it."""
    files = model.files.through.objects.filter(**{model._meta.model_name: OuterRef("pk")}).order_by("file")
    return written(model, ArraySubquery(files.values(of=JSONObject(pk="file", name="file__name"))))


def _of_note(note: Any) -> Iterator[Entry]:
    from django.utils.translation import gettext as _

    yield Entry(note.created_at, str(note.author), "note", _("noted"), body=note.body, icon="note")
    for file in note.attached:
        url = reverse("activities:file", args=[note.pk, file["pk"]])
        yield Entry(note.created_at, str(note.author), "file", file["name"], url=url, icon="paperclip")


def _mails(record: Any, user: Any) -> Iterator[Entry]:
    """E-mails about the record, but the private ones of others; their beginning, without what they quote."""
    if not user.has_perm("activities.view_email"):
        return
    kind, letters = ContentType.objects.get_for_model(record), _letters()
    blanks = {Statement.BLANK: kind.pk, Statement.SECOND: record.pk, Statement.THIRD: user.pk}
    for email in Email.objects.raw(letters.sql, letters.filled(blanks)):
        yield from _of_mail(email)


@cache
def _letters() -> Statement:
    """The last e-mails about a record (kind, id) that a user may read there, with what a timeline shows of them."""
    rows = Email.objects.filter(subject_type=Statement.BLANK, subject_id=Statement.SECOND)
    rows = rows.open_to(User(pk=Statement.THIRD)).only(*_OF_MAILS).order_by("-sent_at")
    shown = {"beginning": Left("text", _BEGINNING), "went": F("delivery__state"), "attached": _attached(Email)}
    return Statement.of(rows.annotate(**shown)[:_MAILS])


def _of_mail(email: Any) -> Iterator[Entry]:
    from django.utils.translation import gettext as _

    url = email.get_absolute_url()
    if email.is_incoming:
        text = _("wrote: %(title)s") % {"title": email.title}
    else:
        text = _("wrote to %(to)s: %(title)s") % {"to": ", ".join(email.to), "title": email.title}
    if email.private:
        text += " (" + _("private") + ")"
    if email.went == "failed":
        text += " (" + _("could not be delivered") + ")"
    body = reading.own_words(email.beginning)
    yield Entry(email.sent_at, email.from_whom, "mail", text, body=body, url=url, icon="mail")
    # As PostgreSQL writes them: nothing reads the columns that are added to a raw question.
    for file in map(json.loads, email.attached):
        url = reverse("activities:email_file", args=[email.pk, file["pk"]])
        yield Entry(email.sent_at, email.from_whom, "file", file["name"], url=url, icon="paperclip")

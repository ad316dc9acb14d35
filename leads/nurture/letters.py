"""The words of a mail: kept as they go out, with the links in them; then filled in for one person, text and page."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import escape, format_html, linebreaks
from django.utils.safestring import SafeString, mark_safe

from activities.models import MailTemplate
from core import identity
from core.letters import Context, letters_of, merge
from core.models import Purpose
from leads.models import Edition, Send
from leads.nurture import links

#: An address as the writer of the template has typed it. What is filled in for a person is never made a link: it may come
#: from a stranger's form, and our mail would lend it our name.
URL = re.compile(r"https?://[^\s<>\"'{}\\^`|\[\]]+", re.IGNORECASE)
_LONGEST = 2000


@dataclass(frozen=True)
class Letter:
    """A mail that is ready for one person."""

    to: str
    title: str
    text: str
    html: str


def draft_of(template: MailTemplate, language: str) -> Edition:
    """The words of a template in a language (else in the other one), to look at: nothing is kept."""
    title, text, language = template.in_language(language)
    digest = hashlib.sha256("\0".join((language, title, text)).encode()).hexdigest()
    return Edition(digest=digest, title=title, text=text, language=language, links=links_in(text))


def edition_of(template: MailTemplate, language: str) -> Edition:
    """The words of a template, kept as they are now; the same words are kept once."""
    draft = draft_of(template, language)
    facts = {name: getattr(draft, name) for name in ("title", "text", "language", "links")}
    edition, _created = Edition.objects.get_or_create(digest=draft.digest, defaults=facts)
    return edition


def language_of(person: Any) -> str:
    """The language this person is written to in."""
    return letters_of(type(person)).language(person)  # type: ignore[union-attr]


def links_in(text: str) -> list[str]:
    """The addresses in a template's text, each once, in their order."""
    return list(dict.fromkeys(url for url, _start, _end in _urls(text)))


def _urls(text: str) -> list[tuple[str, int, int]]:
    """(address, where it begins, where it ends). One that a placeholder is part of is no link: a person would complete it."""
    found = []
    for match in URL.finditer(text):
        url = match.group(0).rstrip(".,;:!?)*")
        if text[match.end() : match.end() + 1] != "{" and len(url) <= _LONGEST:
            found.append((url, match.start(), match.start() + len(url)))
    return found


def write(edition: Edition, person: Any, sender: Any, purpose: Purpose, send: Send | None = None) -> Letter:
    """The mail to one person; without `send` a trial, whose links lead where they say and measure nothing."""
    people = letters_of(type(person)).persons(person)  # type: ignore[union-attr]
    context = Context(person, sender, people[0] if people else None, edition.language)
    address = links.preferences(send.pk) if send is not None and send.pk else links.trial()
    with translation.override(edition.language):
        shown = {
            "heading": " ".join(merge(edition.title, context).split()),
            "language": edition.language,
            "company": identity.own(),
            "purpose": purpose,
            "preferences_url": address,
        }
        text = render_to_string("leads/nurture/mail/letter.txt", shown | {"text": merge(edition.text, context)})
        picture = links.picture(send.pk) if send is not None and send.measuring_id else ""
        page = shown | {"body": _body(edition, context, send), "picture_url": picture}
        html = render_to_string("leads/nurture/mail/letter.html", page)
    return Letter(person.email, str(shown["heading"]), text.strip() + "\n", html)


def _body(edition: Edition, context: Context, send: Send | None) -> SafeString:
    """The text as a page: what the template calls an address is a link, measured where the person has agreed to that."""
    parts, place = [], 0
    for url, start, end in _urls(edition.text):
        parts.append(escape(merge(edition.text[place:start], context)))
        measured = send is not None and send.measuring_id
        target = links.click(send.pk, edition.links.index(url)) if measured and send else url
        parts.append(format_html('<a href="{}">{}</a>', target, url))
        place = end
    parts.append(escape(merge(edition.text[place:], context)))
    return mark_safe(linebreaks("".join(parts)))  # noqa: S308 - each part is escaped


def headers(send: Send) -> dict[str, str]:
    """RFC 2369 and RFC 8058: the mail program's own button."""
    return {
        "List-Unsubscribe": f"<{links.one_click(send.pk)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Precedence": "bulk",
    }

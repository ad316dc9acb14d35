"""The keys of the pages, as a sheet. Letters press the element that carries them in `data-key`; see static/zencrm/keys.js."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from core import context_processors


@dataclass(frozen=True)
class Key:
    """What to press (pressed one after another, or together where a + stands between) and what it does."""

    press: tuple[str, ...]
    does: str


@dataclass(frozen=True)
class Group:
    title: str
    keys: tuple[Key, ...]


def groups(request: HttpRequest) -> list[Group]:
    """All keys this user has; pages they may not open have none."""
    everywhere = (
        Key(("Ctrl+K",), _("Search everything, give a command")),
        Key(("/",), _("Search everything, give a command")),
        Key(("?",), _("Show this sheet")),
        Key(("Ctrl+Enter",), _("Save the form")),
        Key(("Esc",), _("Leave the field, close the dialogue")),
    )
    lists = (
        Key(("j",), _("Next row")),
        Key(("k",), _("Previous row")),
        Key(("Enter",), _("Open the row")),
        Key(("x",), _("Select the row")),
        Key(("n",), _("New record")),
        Key(("f",), _("Filters")),
        Key(("b",), _("From list to board and back")),
        Key((".",), _("Next page")),
        Key((",",), _("Previous page")),
    )
    record = (
        Key(("e",), _("Edit")),
        Key(("m",), _("Write a note")),
        Key(("a",), _("Schedule an activity")),
    )
    menu = (item for section in context_processors.sections(request, "MENU") for item in section["items"])
    places = tuple(Key(("g", item["key"]), item["label"]) for item in menu if item["key"])
    return [
        Group(_("Everywhere"), everywhere),
        Group(_("On a list"), lists),
        Group(_("On a record"), record),
        Group(_("Go to a page"), places),
    ]

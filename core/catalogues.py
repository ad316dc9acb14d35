"""Message catalogues: extract, update, check, compile. Babel does the work; no gettext programs are needed.

Each app owns `<app>/locale/<language>/LC_MESSAGES/django.po` for its Python and for `templates/<app>/`; all other
templates belong to core. The source language is English. The .mo files are built, never committed.
"""

import io
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.apps import apps
from django.conf import settings
from django.utils.translation.template import templatize

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
TEMPLATE_TYPES = {".html", ".txt", ".xml", ".eml"}
SKIPPED = {"migrations", "locale", "node_modules", "tests"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sd]|\{\w*\}")
# Dates and versions in the header would make every run a change.
CHANGING_HEADERS = re.compile(rb'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator)[^\n]*\n', re.M)
CONTEXT = "\x04"  # between context and message id, as in .mo files


@dataclass(frozen=True)
class Owner:
    """An app of the project, and the places whose messages it owns."""

    label: str
    root: Path
    python: tuple[Path, ...]
    templates: tuple[Path, ...]

    def po(self, language: str) -> Path:
        return self.root / "locale" / language / "LC_MESSAGES" / "django.po"


@dataclass(frozen=True)
class Problem:
    """Something that `--check` refuses."""

    label: str
    language: str
    what: str
    msgid: str

    def __str__(self) -> str:
        return f"{self.label}/{self.language}: {self.what}: {self.msgid!r}"


def owners(only: str = "") -> list[Owner]:
    """The project's own apps. `only` narrows to one label; LookupError when there is none such."""
    base = Path(settings.BASE_DIR)
    found = [config for config in apps.get_app_configs() if _is_ours(Path(config.path), base)]
    labels = {config.label for config in found}
    result = [_owner(config.label, Path(config.path), base, labels) for config in found]
    if only and only not in labels:
        raise LookupError(f"no app {only!r}; there are {', '.join(sorted(labels))}")
    return [owner for owner in result if only in ("", owner.label)]


def languages() -> list[str]:
    return [code for code, _name in settings.LANGUAGES if not code.startswith("en")]


def _is_ours(path: Path, base: Path) -> bool:
    return path.is_relative_to(base) and "site-packages" not in path.parts


def _owner(label: str, root: Path, base: Path, labels: set[str]) -> Owner:
    templates = [base / "templates" / label, root / "templates"]
    if label == "core" and (base / "templates").is_dir():
        templates += [path for path in sorted((base / "templates").iterdir()) if path.name not in labels | {"core"}]
    return Owner(label, root, (root,), tuple(templates))


def template(owner: Owner) -> Catalog:
    """All messages of the owner's sources, untranslated."""
    catalog = Catalog(project="ZenCRM", charset="utf-8")
    for path in _files(owner.python, {".py"}):
        _add(catalog, path, path.read_text(), owner)
    for path in _files(owner.templates, TEMPLATE_TYPES):
        _add(catalog, path, _as_python(path), owner)
    return catalog


def _files(places: Iterable[Path], types: set[str]) -> Iterator[Path]:
    for place in places:
        paths = sorted(place.rglob("*")) if place.is_dir() else [place]
        for path in paths:
            if path.suffix in types and path.is_file() and not SKIPPED & set(path.relative_to(place).parts):
                yield path


def _as_python(path: Path) -> str:
    """Django's own reduction of a template to its gettext calls; without indentation, which Python would judge."""
    code = templatize(path.read_text(), origin=str(path))
    return "\n".join(line.lstrip() for line in code.splitlines())


def _add(catalog: Catalog, path: Path, code: str, owner: Owner) -> None:
    where = path.relative_to(settings.BASE_DIR).as_posix()
    source = io.BytesIO(code.encode())
    for _line, message, comments, context in extract("python", source, KEYWORDS, ["Translators:"]):
        catalog.add(message, locations=[(where, 0)], auto_comments=comments, context=context)


def load(owner: Owner, language: str) -> Catalog:
    """The catalogue as it is on disk; an empty one if there is none."""
    path = owner.po(language)
    if not path.exists():
        return Catalog(locale=language, project="ZenCRM", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language, charset="utf-8")


def update(owner: Owner, language: str) -> Catalog:
    """Bring the catalogue on disk in line with the sources. Translations stay; nothing is guessed."""
    catalog = load(owner, language)
    catalog.update(template(owner), no_fuzzy_matching=True)
    save(owner, language, catalog)
    return catalog


def save(owner: Owner, language: str, catalog: Catalog) -> None:
    """Write it sorted and without dates, so that two people's changes rarely touch the same lines."""
    path = owner.po(language)
    if not any(message.id for message in catalog):
        path.unlink(missing_ok=True)
        return
    catalog.fuzzy = False
    catalog.version, catalog.msgid_bugs_address, catalog.language_team = "", "", "ZenCRM"
    catalog.header_comment = f"# ZenCRM: {owner.label}"
    out = io.BytesIO()
    write_po(out, catalog, width=0, sort_output=True, ignore_obsolete=True, include_lineno=False)
    text = CHANGING_HEADERS.sub(b"", out.getvalue())
    if not path.exists() or path.read_bytes() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)


def fill(owner: Owner, language: str, words: dict[str, str | list[str]]) -> set[str]:
    """Put translations in; returns the keys that this catalogue has. A key with a context is `context\\x04msgid`."""
    catalog = load(owner, language)
    used = set()
    for message in _messages(catalog):
        if key(message) in words:
            used.add(key(message))
            word = words[key(message)]
            message.string = tuple(word) if isinstance(word, list) else word
    if used:
        save(owner, language, catalog)
    return used


def key(message: Message) -> str:
    one = _ids(message)[0]
    return f"{message.context}{CONTEXT}{one}" if message.context else one


def compile_all(only: str = "") -> int:
    """Build the .mo files that are missing or older than their .po; returns how many."""
    built = 0
    for owner in owners(only):
        for language in languages():
            built += _compile(owner.po(language), language)
    return built


def _compile(path: Path, language: str) -> bool:
    target = path.with_suffix(".mo")
    if not path.exists() or (target.exists() and target.stat().st_mtime >= path.stat().st_mtime):
        return False
    with path.open("rb") as file:
        catalog = read_po(file, locale=language, charset="utf-8")
    half = target.with_suffix(f".{os.getpid()}")
    with half.open("wb") as file:
        write_mo(file, catalog)
    half.replace(target)  # other processes may be reading it
    return True


def missing(catalog: Catalog) -> list[Message]:
    return [message for message in _messages(catalog) if not all(_strings(message))]


def _messages(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id]


def _ids(message: Message) -> tuple[str, ...]:
    """One message id, or that of one and that of many."""
    return tuple(message.id) if isinstance(message.id, (tuple, list)) else (message.id,)


def _strings(message: Message) -> tuple[str, ...]:
    """One translation, or one per plural form; what is missing is an empty text."""
    given = message.string
    return tuple(given) if isinstance(given, (tuple, list)) else (given or "",)


# -- what a check refuses --------------------------------------------------------------------------------------------


def problems(only: str = "") -> list[Problem]:
    """Everything that keeps the catalogues from being complete, exact and consistent."""
    found: list[Problem] = []
    for language in languages():
        loaded = {owner.label: load(owner, language) for owner in owners(only)}
        for owner in owners(only):
            found += _against_sources(owner, language, loaded[owner.label])
            found += _placeholders(owner.label, language, loaded[owner.label])
        found += _contradictions(language, loaded)
    return found


def _against_sources(owner: Owner, language: str, catalog: Catalog) -> list[Problem]:
    wanted = {_identity(message): message for message in _messages(template(owner))}
    present = {_identity(message): message for message in _messages(catalog)}
    result = [Problem(owner.label, language, "not in the catalogue", key(wanted[i])) for i in wanted.keys() - present]
    result += [Problem(owner.label, language, "unused", key(present[i])) for i in present.keys() - wanted]
    result += [Problem(owner.label, language, "no translation", key(message)) for message in missing(catalog)]
    result += [Problem(owner.label, language, "fuzzy", key(m)) for m in present.values() if m.fuzzy]
    return sorted(result, key=str)


def _identity(message: Message) -> tuple[object, str | None]:
    return message.id, message.context


def _placeholders(label: str, language: str, catalog: Catalog) -> list[Problem]:
    wrong = [message for message in _messages(catalog) if all(_strings(message)) and not _same_placeholders(message)]
    return [Problem(label, language, "placeholders differ", key(message)) for message in wrong]


def _same_placeholders(message: Message) -> bool:
    """A singular may leave its number out ("one offer"); otherwise both languages name the same things."""
    ids = [_slots(text) for text in _ids(message)]
    used = [_slots(text) for text in _strings(message)]
    if len(ids) == 1:
        return used == ids
    return all(slots <= ids[0] | ids[1] for slots in used) and used[-1] == ids[1]


def _slots(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text.replace("%%", "")))


def _contradictions(language: str, loaded: dict[str, Catalog]) -> list[Problem]:
    """Django merges all catalogues: one message id has one translation, unless contexts tell them apart."""
    said: dict[tuple[object, str | None], tuple[str, tuple[str, ...]]] = {}
    found = []
    for label, catalog in loaded.items():
        for message in _messages(catalog):
            first, words = said.setdefault(_identity(message), (label, _strings(message)))
            if words != _strings(message) and all(words) and all(_strings(message)):
                what = f"{first} says {words}, {label} says {_strings(message)}"
                found.append(Problem(label, language, what, key(message)))
    return found

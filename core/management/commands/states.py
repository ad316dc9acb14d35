"""Draw the life cycle of every document from its code, as Mermaid diagrams in docs/states/."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation
from django.utils.text import capfirst

from core.lifecycle import Verb, verbs
from core.models import Stateful


class Command(BaseCommand):
    help = "Writes docs/states/*.md from the state machines; --check exits 1 when they are out of date."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        folder = Path(settings.BASE_DIR) / "docs" / "states"
        with translation.override("en"):
            pages = {f"{model._meta.model_name}.md": page(model) for model in documents()}
        stale = [name for name, text in pages.items() if not same(folder / name, text)]
        if check:
            if stale:
                self.stderr.write(f"Out of date, run manage.py states: {', '.join(stale)}")
                sys.exit(1)
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in pages.items():
            (folder / name).write_text(text)
        self.stdout.write(f"{len(pages)} diagrams in {folder.relative_to(settings.BASE_DIR)}.")


def documents() -> list[type[Stateful]]:
    return [model for model in apps.get_models() if issubclass(model, Stateful)]


def same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


def page(model: Any) -> str:
    """The diagram and the table of verbs of one model."""
    found = list(verbs(model).values())
    initial = model._meta.get_field("state").default
    lines = [f"# {str(capfirst(model._meta.verbose_name))}", "", "```mermaid", "stateDiagram-v2"]
    lines += [f"    {value}: {label}" for value, label in model.State.choices]
    lines += [f"    [*] --> {initial}"]
    lines += [f"    {source} --> {target}: {verb.label}" for verb in found for source, target in moves(verb)]
    lines += ["```", "", "| Verb | From | To | Right | Event |", "|---|---|---|---|---|"]
    lines += [row(model, verb) for verb in found]
    return "\n".join(lines) + "\n"


def moves(verb: Verb) -> list[tuple[str, str]]:
    return [(source, target) for source in verb.sources for target in (verb.targets or (source,))]


def row(model: Any, verb: Verb) -> str:
    event = f"`{model._meta.model_name}.{verb.event}`" if verb.event else ""
    sources, targets = ", ".join(verb.sources), ", ".join(verb.targets) or "as it was"
    return f"| `{verb.name}` {verb.label} | {sources} | {targets} | `{verb.permission}` | {event} |"

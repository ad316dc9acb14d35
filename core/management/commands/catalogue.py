"""manage.py catalogue: bring the message catalogues in line with the sources, and compile them."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import catalogues


class Command(BaseCommand):
    help = "Extract messages, update the catalogues of all apps, list what has no translation yet, compile."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--app", default="", help="only this app's catalogues")
        parser.add_argument("--fill", type=Path, help='JSON file {"message": "translation"}, plural ["one", "many"]')
        act = parser.add_mutually_exclusive_group()
        act.add_argument("--check", action="store_true", help="change nothing; exit 1 if anything is missing or wrong")
        act.add_argument("--compile", action="store_true", help="only compile")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["check"]:
            self.check_all(options["app"])
        else:
            self.build(options["app"], options["fill"], only_compile=options["compile"])

    def build(self, only: str, fill: Path | None, *, only_compile: bool) -> None:
        if not only_compile:
            self.update(only, fill)
        self.stdout.write(f"{catalogues.compile_all(only)} catalogues compiled.")

    def check_all(self, only: str) -> None:
        found = catalogues.problems(only)
        for problem in found:
            self.stderr.write(str(problem))
        if found:
            raise CommandError(f"{len(found)} problems in the catalogues; `manage.py catalogue` lists what is missing.")
        self.stdout.write("The catalogues are complete.")

    def update(self, only: str, fill: Path | None) -> None:
        words = json.loads(fill.read_text()) if fill else {}
        unknown = set(words)
        gaps: dict[str, str | list[str]] = {}
        for owner in self.owners(only):
            for language in catalogues.languages():
                catalogues.update(owner, language)
                unknown -= catalogues.fill(owner, language, words)
                left = catalogues.missing(catalogues.load(owner, language))
                gaps |= {catalogues.key(m): ["", ""] if isinstance(m.id, tuple) else "" for m in left}
        if unknown:
            self.stderr.write("Not in any source: " + json.dumps(sorted(unknown), ensure_ascii=False))
        if gaps:
            self.stdout.write(json.dumps(gaps, ensure_ascii=False, indent=1))
        self.stdout.write(f"{len(gaps)} messages have no translation.")

    def owners(self, only: str) -> list[catalogues.Owner]:
        try:
            return catalogues.owners(only)
        except LookupError as error:
            raise CommandError(str(error)) from error

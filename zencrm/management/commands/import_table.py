"""manage.py import_table RESOURCE FILE [--map MAP.toml]: take a table from another system in, row by row accountable."""

import os
import sys
import time
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django.utils.translation import gettext as _

from core import access
from core.imports import FileRefused, Map, MapError, Outcome, Report, import_table
from core.imports.report import LABELS
from people.models import User
from zencrm.imports import MAPS, RESOURCES, map_path


class Command(BaseCommand):
    help = "Import a CSV or XLSX table. Good rows go in, the others are reported with their number and the reason."

    def add_arguments(self, parser: ArgumentParser) -> None:
        known = ", ".join(sorted(path.stem for path in MAPS.glob("*.toml")))
        parser.add_argument("resource", choices=sorted(RESOURCES))
        parser.add_argument("file", type=Path)
        parser.add_argument("--map", default="", help=f"a TOML map, or the name of one that comes along: {known}")
        parser.add_argument("--dry-run", action="store_true", help="report what would happen, save nothing")
        parser.add_argument("--strict", action="store_true", help="exit with 1 if any row is in error")
        parser.add_argument("--report", type=Path, help="write every row with every remark to this CSV file")
        parser.add_argument("--user", default="", help="the account in whose name the rows are saved")
        parser.add_argument("--language", default="", choices=["", *dict(settings.LANGUAGES)], help="of the report")

    def handle(self, *args: Any, **options: Any) -> None:
        by = self.actor(options["user"])
        with translation.override(options["language"] or self.language(by)):
            started = time.monotonic()
            try:
                report = import_table(
                    RESOURCES[options["resource"]],
                    options["file"],
                    map=self.map(options["map"], options["resource"]),
                    dry_run=options["dry_run"],
                    by=by,
                    on_progress=self.progress,
                )
            except (FileRefused, MapError) as error:
                raise CommandError(f"{options['file'].name}: {error}") from error
            if options["report"]:
                report.save(options["report"])
            with suppress(BrokenPipeError):  # `| head` has seen enough: the rows are in all the same
                self.write(report, time.monotonic() - started, all_rows=options["verbosity"] > 1)
            if options["strict"] and report.errors:
                raise CommandError(_("%(n)d rows were not taken in.") % {"n": len(report.errors)}, returncode=1)

    def actor(self, name: str) -> access.Actor:
        if not name:
            return access.JOB
        try:
            return User.objects.get(username=name, is_active=True)
        except User.DoesNotExist as error:
            raise CommandError(_("There is no user “%(name)s”.") % {"name": name}) from error

    def language(self, by: access.Actor) -> str:
        """The account's language, else that of the terminal, else the house's."""
        terminal = (os.environ.get("LC_ALL") or os.environ.get("LANG") or "")[:2]
        chosen = getattr(by, "language", "") or terminal
        return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE

    def map(self, name: str, resource: str) -> Map | None:
        if not name:
            return None
        found = Map.load(map_path(name))
        if found.resource and found.resource != resource:
            raise MapError(_("The map is for %(of)s, not for %(wanted)s.") % {"of": found.resource, "wanted": resource})
        return found

    def progress(self, done: int, of: int) -> None:
        if sys.stderr.isatty() and (done % 250 == 0 or done == of):
            self.stderr.write(f"\r{done}/{of}", ending="\n" if done == of else "")

    # --- The report --------------------------------------------------------------------------------------------------

    def write(self, report: Report, seconds: float, *, all_rows: bool) -> None:
        rows = len(report.rows)
        self.stdout.write(f"{report.name} ({report.kind}): " + _("%(n)d rows") % {"n": rows})
        for row in sorted(report.rows, key=lambda row: row.number) if all_rows else ():
            blanks = [_("%(column)s: “%(word)s” = not answered") % {"column": c, "word": w} for c, w in row.blanks]
            self.line(str(row.number), row.outcome, "; ".join([*filter(None, [row.remarks]), *blanks]), row.key)
        for numbers, row in report.folded() if not all_rows else ():
            self.line(numbers, row.outcome, row.remarks, row.key if "–" not in numbers else "")
        for text in [*([] if all_rows else report.blank_words()), *report.remarks]:
            self.stdout.write(f"* {text}")
        speed = rows / seconds if seconds else 0
        tail = _("%(s).1f s, %(speed)d rows a second") % {"s": seconds, "speed": speed}
        self.stdout.write(f"{report.total_line()} ({tail})")

    def line(self, numbers: str, outcome: Outcome, remarks: str, key: str) -> None:
        style = self.style.ERROR if outcome is Outcome.ERROR else (lambda text: text)
        tail = f"  {remarks}" if remarks else ""
        name = f"  {key}" if key else ""
        self.stdout.write(style(f"{numbers:>11}  {LABELS[outcome]}{name}{tail}"))

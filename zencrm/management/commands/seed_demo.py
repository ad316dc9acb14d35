"""Fill an empty database with the demo company, or any database with a large one for benchmarks."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from zencrm.demo import story, views


class Command(BaseCommand):
    help = "Invents the demo company: two years of history, in proportion to a number of leads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--leads", type=int, default=1500, help="how many leads (default 1500)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed and day give the same company")
        parser.add_argument("--if-empty", action="store_true", help="do nothing where there are companies already")

    def handle(self, *args: Any, leads: int, seed: int, if_empty: bool, **options: Any) -> None:
        if if_empty and not story.is_empty():
            self.stdout.write("The database has data already: left as it is.")
            return
        started = time.monotonic()
        written = story.tell(leads=leads, seed=seed, say=self.stdout.write)
        views.make_views()
        for label, count in sorted(written.items()):
            self.stdout.write(f"{count:>9,}  {label}")
        self.stdout.write(self.style.SUCCESS(f"Done in {time.monotonic() - started:.1f} s."))

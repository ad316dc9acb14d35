"""manage.py move_files: the bytes of files into the bucket, or back into the database."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import files


class Command(BaseCommand):
    help = "Moves every file into the bucket (S3_BUCKET), as the job does a few at a time; --back: into the database again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--back", action="store_true", help="bring every file back; stop beat before, or it goes again"
        )

    def handle(self, *args: Any, back: bool, **options: Any) -> None:
        if not settings.S3_BUCKET:
            raise CommandError("S3_BUCKET is empty: there is no bucket.")
        try:
            if back:
                self.bring_back()
            else:
                self.stdout.write(f"{files.drop_erased()} erased, {files.move_out()} moved into the bucket.")
        except files.Unavailable as error:
            raise CommandError(f"{error} What was moved so far stays; run it again.") from error

    def bring_back(self) -> None:
        count, lost = files.bring_back()
        self.stdout.write(f"{count} brought back into the database.")
        if lost:
            raise CommandError(f"Missing or damaged in the bucket: files {', '.join(map(str, lost))}.")

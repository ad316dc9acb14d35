"""Take one message from standard input: for a mail server that hands mail to a program (Postfix: `|... receive_mail`).

Exit codes are those of sysexits.h, which mail servers know: 75 asks for another try later, 65 lets it bounce.
"""

import logging
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from activities.mail import receiving

log = logging.getLogger(__name__)

DATA_ERROR, TRY_LATER = 65, 75


class Command(BaseCommand):
    help = "Takes one e-mail from standard input and puts it on the record it belongs to."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read(receiving.MOST_BYTES + 1)
        if len(raw) > receiving.MOST_BYTES:
            self.stderr.write(f"The message is larger than {receiving.MOST_BYTES // 1024 // 1024} MB.")
            raise SystemExit(DATA_ERROR)
        if not raw.strip():
            self.stderr.write("There is no message on standard input.")
            raise SystemExit(DATA_ERROR)
        try:
            outcome, email = receiving.take_in(raw)
        except DatabaseError as error:
            log.exception("mail could not be kept")
            raise SystemExit(TRY_LATER) from error
        self.stdout.write(f"{outcome.value}{f': {email.pk}' if email else ''}")

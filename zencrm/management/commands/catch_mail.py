"""manage.py catch_mail: a mail server for the demo. It delivers nothing; every message becomes a file."""

import email
import email.policy
import re
import signal
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.core.management.base import BaseCommand

SIZE_LIMIT = 30_000_000  # bytes


class FileHandler:
    """Keeps each message as `<time>-<recipient>.eml`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        content = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        path = self.folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S-%f}-{_word(envelope.rcpt_tos)}.eml"
        half = path.with_suffix(".part")
        half.write_bytes(content)
        half.rename(path)  # who watches the folder sees complete messages only
        subject = email.message_from_bytes(content, policy=email.policy.default)["subject"]
        print(f"{path.name}: {subject}", flush=True)  # noqa: T201 - this program's log
        return "250 Kept"


class Command(BaseCommand):
    help = "Receive mail on 127.0.0.1 and keep each message as a file under var/mail."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=1025)
        parser.add_argument("--folder", type=Path, default=settings.VAR / "mail")

    def handle(self, *args: Any, **options: Any) -> None:
        handler = FileHandler(options["folder"])
        controller = Controller(handler, hostname="127.0.0.1", port=options["port"], data_size_limit=SIZE_LIMIT)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])
        controller.start()
        self.stdout.write(f"Catching mail on 127.0.0.1:{options['port']} into {options['folder']}")
        signal.sigwait([signal.SIGINT, signal.SIGTERM])
        controller.stop()


def _word(recipients: list[str]) -> str:
    """The first recipient, as part of a file name."""
    return re.sub(r"[^A-Za-z0-9@._-]", "_", recipients[0] if recipients else "nobody")[:80]

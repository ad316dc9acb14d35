"""python -m zencrm.mailcatcher: a mail server for the demo. It delivers nothing; every message becomes a file."""

import argparse
import email
import email.policy
import logging
import re
import signal
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
SIZE_LIMIT = 30_000_000  # bytes

logger = logging.getLogger("zencrm.mail")


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
        logger.info("%s: %s", path.name, subject)
        return "250 Kept"


def catch(port: int, folder: Path) -> None:
    """Receive mail until SIGINT or SIGTERM."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])
    controller = Controller(FileHandler(folder), hostname=HOST, port=port, data_size_limit=SIZE_LIMIT)
    controller.start()
    logger.info("Catching mail on %s:%s into %s", HOST, port, folder)
    signal.sigwait([signal.SIGINT, signal.SIGTERM])
    controller.stop()


def _word(recipients: list[str]) -> str:
    """The first recipient, as part of a file name."""
    return re.sub(r"[^A-Za-z0-9@._-]", "_", recipients[0] if recipients else "nobody")[:80]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m zencrm.mailcatcher", description=__doc__)
    parser.add_argument("--port", type=int, default=1025)
    parser.add_argument("--folder", type=Path, default=Path("var/mail"))
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    catch(chosen.port, chosen.folder)

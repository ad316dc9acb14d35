"""Open the mailbox once and say what is there, or what is in the way: for whoever sets it up."""

import imaplib
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from activities import mailbox


class Command(BaseCommand):
    help = "Opens the mailbox of MAILBOX_URL and says how many messages wait; nothing is taken in."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.MAILBOX_URL:
            raise CommandError("There is no mailbox: set MAILBOX_URL.")
        try:
            count = mailbox.waiting()
        except (imaplib.IMAP4.error, OSError, ImproperlyConfigured) as error:
            raise CommandError(mailbox.why(error)) from error
        self.stdout.write(f"The mailbox is open; {count} messages wait.")

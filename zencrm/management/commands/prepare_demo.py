"""Bring the tables up to date and tell the demo's story where there is none; `make demo` does it after each change of code."""

import signal
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from leads.scoring import learning_job
from zencrm.demo import importing, twins
from zencrm.demo_server import is_outdated, seal, step


class Command(BaseCommand):
    help = "Brings the tables up to date, and fills an empty database with the demo company."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(
            signal.SIGINT, signal.SIG_DFL
        )  # Ctrl-C ends it without a traceback; what was begun is rolled back
        if "django_migrations" in connection.introspection.table_names() and is_outdated():
            self.stdout.write("The tables are made otherwise now: the demo company is invented anew.")
            with connection.cursor() as cursor:
                cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        with step("Bringing the tables up to date"):
            call_command("migrate", interactive=False, verbosity=0)
        if not get_user_model().objects.exists():
            self.stdout.write("Inventing a company with two years of history ...")
            call_command("seed_demo")
            importing.bring_in()
            twins.take_in_twice()
            with step("Learning the score from the closed leads"):
                learning_job.run()
        with connection.cursor() as cursor:
            # Made here, of names and hexadecimal digits: COMMENT takes no parameters.
            cursor.execute(f"COMMENT ON TABLE django_migrations IS '{seal()}'")

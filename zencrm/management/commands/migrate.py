"""Django's `migrate`, with our way of writing triggers into migrations."""

from django.core.management.commands import migrate

from zencrm.autodetector import Autodetector


class Command(migrate.Command):
    autodetector = Autodetector

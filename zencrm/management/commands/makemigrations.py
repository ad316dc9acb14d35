"""Django's `makemigrations`, with our way of writing triggers into migrations."""

from django.core.management.commands import makemigrations

from zencrm.autodetector import Autodetector


class Command(makemigrations.Command):
    autodetector = Autodetector

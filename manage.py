#!/usr/bin/env python
"""Django's command line, with the embedded servers started first where no others are configured."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zencrm.settings")
    from django.core.management import execute_from_command_line

    from zencrm import embedded

    embedded.start_for_command(sys.argv)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

"""The Celery application. Schedules are code, in zencrm/schedule.py."""

import os

from celery import Celery
from celery.signals import task_prerun

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zencrm.settings")

app = Celery("zencrm")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_finalize.connect
def install_schedule(sender: Celery, **_: object) -> None:
    from zencrm.schedule import SCHEDULE

    sender.conf.beat_schedule = SCHEDULE


@task_prerun.connect
def look_again(**_: object) -> None:
    """A job that a change has asked for sees the change, however soon it comes after the job before it."""
    from core import remembered

    remembered.look_again()

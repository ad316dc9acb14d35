"""Every periodic job of the house, on one page."""

from typing import Any

from celery.schedules import crontab

#: A job that finds no worker in time is dropped: the next turn does its work.
SCHEDULE: dict[str, dict[str, Any]] = {
    "leads.score_waiting": {"task": "leads.score_waiting", "schedule": 60.0, "options": {"expires": 55}},
    # Just after midnight, and once an hour for a machine that was asleep then.
    "quotes.expire_lapsed": {"task": "quotes.expire_lapsed", "schedule": crontab(minute=7)},
}

"""Every periodic job of the house, on one page."""

from typing import Any

from celery.schedules import crontab

SCHEDULE: dict[str, dict[str, Any]] = {
    # Just after midnight, and once an hour for a machine that was asleep then.
    "quotes.expire_lapsed": {"task": "quotes.expire_lapsed", "schedule": crontab(minute=7)},
}

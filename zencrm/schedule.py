"""Every periodic job of the house, on one page. Times are seconds, or crontabs in Europe/Rome."""

from typing import Any

from celery.schedules import crontab

#: A job that finds no worker in time is dropped: the next turn does its work.
SCHEDULE: dict[str, dict[str, Any]] = {
    "leads.score_waiting": {"task": "leads.score_waiting", "schedule": 60.0, "options": {"expires": 55}},
    # What a reaction could not give away: imported leads, those nobody had time for.
    "leads.assign_waiting": {"task": "leads.assign_waiting", "schedule": 60.0, "options": {"expires": 55}},
    "leads.keep_promises": {"task": "leads.keep_promises", "schedule": 60.0, "options": {"expires": 55}},
    # Submissions are taken in a second after they came; this finds what a dead broker or worker has left behind.
    "leads.take_in_captures": {"task": "leads.take_in_captures", "schedule": 60.0, "options": {"expires": 55}},
    # Mails to those who have agreed to them: the steps that are due, and mailings that a worker has left half-way.
    "leads.take_steps": {"task": "leads.take_steps", "schedule": 60.0, "options": {"expires": 55}},
    "leads.send_mailings": {"task": "leads.send_mailings", "schedule": 60.0, "options": {"expires": 55}},
    "insights.take_snapshot": {"task": "insights.take_snapshot", "schedule": 300.0, "options": {"expires": 290}},
    "leads.fold_tallies": {"task": "leads.fold_tallies", "schedule": 300.0, "options": {"expires": 290}},
    # Before work begins, and again for a machine that was asleep then: points that fade, and rules whose field is gone.
    "leads.let_points_fade": {"task": "leads.let_points_fade", "schedule": crontab(minute=20, hour="4,8")},
    # Once a week, when nobody waits for a worker: what became of the leads of the week before is learnt from.
    "leads.learn_score": {"task": "leads.learn_score", "schedule": crontab(minute=15, hour=3, day_of_week="sun")},
    # Just after midnight, and once an hour for a machine that was asleep then.
    "leads.turn_campaigns": {"task": "leads.turn_campaigns", "schedule": crontab(minute=3)},
    "opportunities.forget_conversions": {"task": "opportunities.forget_conversions", "schedule": crontab(minute=13)},
    # On the mornings of working days, a few times: each thing is mailed once, and a machine asleep at seven catches up.
    "activities.send_digests": {
        "task": "activities.send_digests",
        "schedule": crontab(minute=0, hour="7-9", day_of_week="mon-fri"),
    },
    # Answers to e-mails; without a mailbox there is nothing to do.
    "activities.read_mailbox": {"task": "activities.read_mailbox", "schedule": 60.0, "options": {"expires": 55}},
    # Just after midnight, and once an hour for a machine that was asleep then.
    "quotes.expire_lapsed": {"task": "quotes.expire_lapsed", "schedule": crontab(minute=7)},
    # Work is done at once, woken by the commit; these find what a dead broker or worker has left behind.
    "relay": {"task": "core.relay", "schedule": 60.0, "options": {"expires": 55}},
    "deliver due": {"task": "core.deliver_due", "schedule": 30.0, "options": {"expires": 25}},
    # Files into the bucket, a few at a time; without one there is nothing to do.
    "core.move_files": {"task": "core.move_files", "schedule": 60.0, "options": {"expires": 55}},
    # What the API has answered is kept for a day, so that a repeated request gets the same.
    "api answers": {"task": "core.purge_api_answers", "schedule": crontab(minute=23)},
    # Fields of numbers and days get their indexes at once; this makes up for a worker that was away.
    "core.keep_indexes": {"task": "core.keep_indexes", "schedule": crontab(minute=37)},
    # At night, a few at a time, and again in case the machine was asleep.
    "retention": {"task": "core.apply_retention", "schedule": crontab(minute=40, hour="1-5")},
    "imports": {"task": "core.take_up_imports", "schedule": 30.0, "options": {"expires": 25}},
    # What was saved in the moment of a merge.
    "core.bring_along": {"task": "core.bring_along", "schedule": 300.0, "options": {"expires": 290}},
    # Reads whole tables: a few times a day is enough.
    "duplicates": {"task": "core.find_duplicates", "schedule": crontab(minute=50, hour="6,12,18")},
    # In office hours, several times: each reminder goes out once, and a machine asleep in the morning catches up.
    "invoicing.remind": {"task": "invoicing.remind", "schedule": crontab(minute=30, hour="8-18")},
}

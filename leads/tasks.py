"""Jobs about leads: two lines each."""

from celery import shared_task

from leads import scoring, services


@shared_task(name="leads.score_waiting")
def score_waiting(**_: object) -> None:
    scoring.score_waiting()


@shared_task(name="leads.score_all")
def score_all(**_: object) -> None:
    scoring.score_all()


@shared_task(name="leads.fold_tallies")
def fold_tallies(**_: object) -> None:
    services.fold_tallies()

"""Jobs about leads: two lines each."""

from celery import shared_task

from leads import scoring, services
from leads.assigning import giving, promises
from leads.capture import jobs
from leads.nurture import enrolling, mailings, scheduling, sequences
from leads.scoring import fading


@shared_task(name="leads.score_waiting")
def score_waiting(**_: object) -> None:
    scoring.score_waiting()


@shared_task(name="leads.score_all")
def score_all(**_: object) -> None:
    scoring.score_all()


@shared_task(name="leads.let_points_fade")
def let_points_fade(**_: object) -> None:
    fading.let_fade()
    scoring.score_all()


@shared_task(name="leads.learn_score")
def learn_score(by: int | None = None, left_out: list[str] | None = None, **_: object) -> None:
    from leads.scoring import learning_job

    learning_job.run(by=by, left_out=left_out)


@shared_task(name="leads.fold_tallies")
def fold_tallies(**_: object) -> None:
    services.fold_tallies()


@shared_task(name="leads.assign_waiting")
def assign_waiting(**_: object) -> None:
    giving.assign_waiting()


@shared_task(name="leads.keep_promises")
def keep_promises(**_: object) -> None:
    promises.keep_promises()


@shared_task(name="leads.take_in_captures")
def take_in_captures(**_: object) -> None:
    jobs.take_in_captures()


@shared_task(name="leads.send_mailings")
def send_mailings(**_: object) -> None:
    scheduling.start_due()
    mailings.send_waiting()


@shared_task(name="leads.take_steps")
def take_steps(**_: object) -> None:
    enrolling.take_in_segments()
    sequences.take_due()


@shared_task(name="leads.turn_campaigns")
def turn_campaigns(**_: object) -> None:
    services.turn_campaigns()

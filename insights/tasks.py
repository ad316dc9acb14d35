"""Jobs of the insights: two lines each."""

from celery import shared_task

from insights import overview


@shared_task(name="insights.take_snapshot")
def take_snapshot(**_: object) -> None:
    overview.take()

"""Jobs about opportunities: two lines each."""

from celery import shared_task

from opportunities import undoing


@shared_task(name="opportunities.forget_conversions")
def forget_conversions(**_: object) -> None:
    undoing.forget()

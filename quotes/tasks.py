"""Jobs of this room."""

from celery import shared_task

from quotes import services


@shared_task(name="quotes.expire_lapsed")
def expire_lapsed(**_: object) -> None:
    services.expire_lapsed()

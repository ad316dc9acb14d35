"""Jobs about activities: two lines each."""

from celery import shared_task

from activities import digest


@shared_task(name="activities.send_digests")
def send_digests(**_: object) -> None:
    digest.send_digests()

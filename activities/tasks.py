"""Jobs about activities: two lines each."""

from celery import shared_task

from activities import digest, mailbox


@shared_task(name="activities.send_digests")
def send_digests(**_: object) -> None:
    digest.send_digests()


@shared_task(name="activities.read_mailbox")
def read_mailbox(**_: object) -> None:
    mailbox.read()

"""The house's own jobs: two lines each."""

from celery import shared_task

from core import files, outbox
from core.api import answers


@shared_task(name="core.relay")
def relay(**_: object) -> None:
    outbox.relay()


@shared_task(name="core.deliver")
def deliver(*, delivery_id: int, **_: object) -> None:
    outbox.deliver(delivery_id)


@shared_task(name="core.deliver_due")
def deliver_due(**_: object) -> None:
    outbox.deliver_due()


@shared_task(name="core.move_files")
def move_files(**_: object) -> None:
    files.keep_up()


@shared_task(name="core.purge_api_answers")
def purge_api_answers(**_: object) -> None:
    answers.purge()


@shared_task(name="core.find_duplicates")
def find_duplicates(**_: object) -> None:
    from core.merging import pairs

    pairs.find_all()


@shared_task(name="core.bring_along")
def bring_along(**_: object) -> None:
    from core.merging import stragglers

    stragglers.bring_along()


@shared_task(name="core.work_on_import")
def work_on_import(*, run_id: int, **_: object) -> None:
    from core.imports import jobs

    jobs.work(run_id)


@shared_task(name="core.take_up_imports")
def take_up_imports(**_: object) -> None:
    from core.imports import jobs

    jobs.take_up()


@shared_task(name="core.keep_indexes")
def keep_indexes(**_: object) -> None:
    from core.fields import indexes

    indexes.keep()


@shared_task(name="core.replace_tag")
def replace_tag(*, old: str, new: str = "", **_: object) -> None:
    from core.fields import tagging

    tagging.replace(old, new)


@shared_task(name="core.apply_retention")
def apply_retention(*, kind: str = "", **_: object) -> None:
    from core.privacy import retention

    retention.apply(kind)
    retention.review()

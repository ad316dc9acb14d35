from zencrm.thin import load_later, load_thin

load_thin()
load_later()

from zencrm.celery import app as celery_app  # noqa: E402 - Celery is loaded thin

__all__ = ["celery_app"]

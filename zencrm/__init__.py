from zencrm.thin import load_later, load_thin

load_thin()
load_later()

from zencrm.celery import app as celery_app  # noqa: E402 - what it loads may load openpyxl

__all__ = ["celery_app"]

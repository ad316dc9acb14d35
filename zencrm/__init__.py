from zencrm.thin import openpyxl_without_numpy

openpyxl_without_numpy()

from zencrm.celery import app as celery_app  # noqa: E402 - what it loads may load openpyxl

__all__ = ["celery_app"]

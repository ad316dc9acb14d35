"""The project's settings for tests: own servers, so that a run never meets the demo's data or another run's."""

import os
from pathlib import Path

from zencrm import embedded

# The process that starts the run claims a folder; xdist's workers and other children inherit it.
if "ZENCRM_VAR" not in os.environ:
    os.environ["ZENCRM_VAR"] = str(embedded.claim_var(Path(__file__).resolve().parent.parent / "var" / "test"))

from core import identity
from tests import template
from zencrm.settings import *  # noqa: F403
from zencrm.settings import CACHES, CELERY_BROKER_TRANSPORT_OPTIONS, DATABASES, STORAGES, VAR

# Parallel workers share one Redis: each has its own keys, as each has its own database.
LANE = os.environ.get("PYTEST_XDIST_WORKER", "main")
CELERY_BROKER_TRANSPORT_OPTIONS = {**CELERY_BROKER_TRANSPORT_OPTIONS, "global_keyprefix": f"{LANE}:"}
CACHES["shared"]["KEY_PREFIX"] = f"{LANE}:zencrm"
MEDIA_ROOT = VAR / "media" / LANE
ERP_FOLDER = VAR / "erp" / LANE
COMPANY = identity.invented()  # ours: without one nothing is invoiced
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns where there is none

DATABASES["default"]["TEST"] = {"TEMPLATE": template.name()}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a slow hash is no use to a test
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# Static files straight from their sources: tests collect nothing.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True

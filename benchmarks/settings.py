"""The project's settings with the bare views beside its own pages."""

from core import identity
from zencrm.settings import *  # noqa: F403
from zencrm.settings import BASE_DIR, TEMPLATES

ROOT_URLCONF = "benchmarks.urls"
TEMPLATES[0]["DIRS"] = [*TEMPLATES[0]["DIRS"], BASE_DIR / "benchmarks" / "templates"]  # type: ignore[misc]
# Collected by `make setup`: pages name their files as in production.
STATIC_ROOT = BASE_DIR / "var" / "static"
COMPANY = identity.invented()

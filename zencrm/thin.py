"""What a web worker does not need stays out of it: a worker may take 150 MB.

Some libraries take others along just in case, for a trick that nobody does here. They look for them once, when they are first
loaded; whoever is missing then is not missed.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Iterator[None]:
    """As if these modules were not installed. Those that are loaded already stay as they are."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # Python's own way to say: there is none
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def load_thin() -> None:
    """Load the libraries that would take along what is not needed: 25 MB in every process.

    openpyxl: numbers as numpy has them (numpy is there for those who learn a score), pictures in sheets, another writer of XML.
    structlog: tracebacks in colour. Both it and Celery: greenlets.
    """
    with without("numpy", "PIL", "lxml"):
        import openpyxl  # noqa: F401
    with without("rich", "greenlet"):
        import structlog  # noqa: F401
    with without("greenlet"):
        import celery.utils.threads  # noqa: F401


def load_thin_api() -> None:
    """Load the REST framework without a client for its tests and descriptions in Markdown. Needs settings."""
    with without("requests", "markdown", "pygments"):
        import rest_framework.compat  # noqa: F401

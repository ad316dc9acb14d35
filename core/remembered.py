"""Small tables that every page needs: kept in each process, and read again as soon as anybody has changed them.

What counts is one word in Redis that every change replaces when it is committed. A process looks at it once per request (and
at most once a second elsewhere), whatever number of tables it has in mind; the database is asked only after a change.
"""

import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from uuid import uuid4

from django.core.signals import request_started
from django.db import models, transaction
from django.db.models.signals import post_delete, post_migrate, post_save

from core.shared import with_redis

T = TypeVar("T")
_KEY = "remembered"
_MEMORY = 1.0
_mine = threading.local()


class Remembered(Generic[T]):
    """What `load` has read of the tables `of`. Call it for the present rows; never change what it returns."""

    def __init__(self, load: Callable[[], T]) -> None:
        self.load = load
        self._kept: tuple[str, T] | None = None

    def of(self, *tables: type[models.Model]) -> None:
        """Forget at every change of these tables. (A bulk update calls `changed` itself.)"""
        for table in tables:
            for signal in (post_save, post_delete):
                signal.connect(_on_change, sender=table, dispatch_uid=f"remembered.{table._meta.label}")

    def __call__(self) -> T:
        if own := _uncommitted():
            if self not in own.found:
                own.found[self] = self.load()
            return own.found[self]
        word, kept = _word(), self._kept
        if kept is None or kept[0] != word:
            self._kept = kept = (word, self.load())
        return kept[1]


class _Change:
    """A change of this thread's transaction: until it is committed nobody else sees it, and nobody does if it is not."""

    def __init__(self) -> None:
        self.found: dict[Any, Any] = {}

    def __call__(self) -> None:
        _replace_word()


def changed() -> None:
    """Rows of a remembered table were changed in this transaction."""
    connection = transaction.get_connection()
    if not connection.in_atomic_block:
        _replace_word()
        return
    _mine.change = _Change()
    transaction.on_commit(_mine.change)


def _on_change(**_signal: Any) -> None:
    changed()


def _uncommitted() -> _Change | None:
    change: _Change | None = getattr(_mine, "change", None)
    if change is None:
        return None
    if any(function is change for _savepoints, function, _robust in transaction.get_connection().run_on_commit):
        return change
    _mine.change = None
    return None


def _word() -> str:
    if time.monotonic() - getattr(_mine, "looked_at", float("-inf")) > _MEMORY:
        _mine.word, _mine.looked_at = _look(), time.monotonic()
    return str(_mine.word)


def _look() -> str:
    return with_redis(
        lambda shared: str(shared.get_or_set(_KEY, lambda: uuid4().hex, None)),
        otherwise=lambda: f"away {int(time.time() // 5)}",
        then="settings are read again every few seconds",
    )


def _replace_word() -> None:
    look_again()
    with_redis(
        lambda shared: shared.set(_KEY, uuid4().hex, None),
        otherwise=lambda: None,
        then="other processes see the change in a few seconds",
    )


def look_again(**_signal: Any) -> None:
    """The next question looks whether something has changed."""
    _mine.looked_at = float("-inf")


request_started.connect(look_again, dispatch_uid="remembered.look_again")
post_migrate.connect(_on_change, dispatch_uid="remembered.migrated")

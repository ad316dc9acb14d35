"""Redis is a help: brakes and remembered tables work on without it."""

from itertools import count
from uuid import uuid4

import pytest
from django.core.cache.backends.base import BaseCache
from redis.exceptions import ConnectionError as NoRedis

from core import remembered, shared, throttle
from core.remembered import Remembered


class Away(BaseCache):
    """Every question of a cache ends in its `add`, `get` or `set`."""

    def add(self, *_args, **_kwargs):
        raise NoRedis("nobody answers")

    get = set = add


@pytest.fixture
def away(monkeypatch):
    monkeypatch.setattr(shared, "caches", {"shared": Away({})})
    remembered.look_again()
    yield
    remembered.look_again()


def test_a_brake_counts_per_process(away, caplog, monkeypatch):
    now, key = throttle.time.time(), uuid4().hex
    monkeypatch.setattr(throttle.time, "time", lambda: now)
    assert [throttle.too_many(key, limit=2) for _turn in range(4)] == [False, False, True, True]
    assert "Redis is away, requests are counted per process" in caplog.text


def test_what_is_remembered_is_read_again_after_seconds(away, caplog, monkeypatch):
    counter = count(1)
    table = Remembered(lambda: next(counter))
    before = table()
    assert "Redis is away, settings are read again" in caplog.text
    later = remembered.time.time() + 60
    monkeypatch.setattr(remembered.time, "time", lambda: later)
    remembered.look_again()
    assert table() == before + 1


@pytest.mark.django_db
def test_a_change_is_saved_though_nobody_can_be_told(away, caplog, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        remembered.changed()
    assert "other processes see the change in a few seconds" in caplog.text

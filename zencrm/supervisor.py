"""A handful of programs run as one group: what dies is started again, and when the group ends all of it ends.

Known runners of Procfiles (honcho, circus) either end everything when one program dies or bring a configuration
language and a control socket; what the demo needs fits on this page.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psutil

# Carried in the environment of every process of a group, so that orphans of a killed supervisor are found again.
MARK = "ZENCRM_GROUP"
FIRST_WAIT, LONGEST_WAIT, STEADY = 1.0, 30.0, 60.0  # seconds: back-off, and how long counts as "it runs"
GRACE = 15.0  # seconds a program has to end by itself
TEND_EVERY = 5.0  # seconds
LOG_LIMIT = 10_000_000  # bytes
PR_SET_PDEATHSIG = 1


@dataclass
class Program:
    """One program of the group, with its log file; `wait` is the pause before it is started again."""

    name: str
    command: Sequence[str]
    environ: Mapping[str, str]
    log: Path
    late: bool = False  # started when the others are ready, so that these come up sooner
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = FIRST_WAIT
    due: float = 0.0

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=dict(self.environ),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the supervisor only; it decides the order
                preexec_fn=die_with_parent,  # one thread only: safe
            )
        self.started = time.monotonic()

    def died(self) -> int | None:
        """The exit code once it has died; its children, which may outlive it, are ended."""
        if self.process is None or self.process.poll() is None:
            return None
        code = self.process.returncode
        _kill_group(self.process.pid)
        steady = time.monotonic() - self.started > STEADY
        self.wait = FIRST_WAIT if steady else min(self.wait * 2, LONGEST_WAIT)
        self.due = time.monotonic() + self.wait
        self.process = None
        return code

    def end(self, deadline: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        _kill_group(self.process.pid)
        self.process = None


class Supervisor:
    """Runs programs until SIGINT, SIGTERM or SIGHUP. Started in the order given, ended in the opposite one."""

    def __init__(self, programs: Sequence[Program], say: Callable[[str], None]) -> None:
        self.programs = programs
        self.say = say
        self.stopping = self.ready = False

    def run(self, is_ready: Callable[[], bool], on_ready: Callable[[], None], tend: Callable[[], None]) -> None:
        """`is_ready` is asked again and again; when it first says yes, `on_ready` is called. `tend` now and then."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        tended = time.monotonic()
        try:
            while not self.stopping:
                self._watch()
                if not self.ready and is_ready():
                    self.ready = True
                    on_ready()
                if time.monotonic() - tended > TEND_EVERY:
                    tend()
                    tended = time.monotonic()
                time.sleep(0.1)
        finally:
            self._end()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _watch(self) -> None:
        for program in self.programs:
            if program.late and not self.ready:
                continue
            code = program.died()
            if code is not None:
                self.say(f"{program.name} ended ({_meaning(code)}); again in {program.wait:.0f} s. See {program.log}")
            elif program.process is None and time.monotonic() >= program.due:
                program.start()

    def _end(self) -> None:
        running = [program for program in reversed(self.programs) if program.process]
        for program in running:
            if program.process:
                program.process.terminate()
        deadline = time.monotonic() + GRACE
        for program in running:
            program.end(deadline)


def end_orphans(mark: str) -> int:
    """End what a killed supervisor left behind; returns how many processes that were."""
    orphans = [process for process in psutil.process_iter() if _is_marked(process, mark)]
    for process in orphans:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(orphans, timeout=2)
    return len(orphans)


def _is_marked(process: psutil.Process, mark: str) -> bool:
    try:
        return process.pid != os.getpid() and process.environ().get(MARK) == mark
    except (psutil.Error, OSError):
        return False


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def die_with_parent() -> None:
    """Linux tells the program to end when the supervisor is gone, even by `kill -9`."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _meaning(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

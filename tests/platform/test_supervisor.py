"""The supervisor: real processes, killed for real."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from zencrm.supervisor import MARK, end_orphans

CHECKOUT = Path(__file__).resolve().parents[2]
# Two programs; the second has a child of its own that ignores SIGTERM.
GROUP = """
import os, sys
from pathlib import Path
from zencrm.supervisor import MARK, Program, Supervisor

folder, child = Path(sys.argv[1]), sys.argv[2]
environ = {**os.environ, MARK: str(folder)}
sleeper = [sys.executable, "-c", "import time; time.sleep(300)"]
parent = [sys.executable, "-c", child]
programs = [
    Program("sleeper", sleeper, environ, folder / "sleeper.log"),
    Program("parent", parent, environ, folder / "parent.log"),
]
supervisor = Supervisor(programs, lambda text: print(text, flush=True))
supervisor.run(lambda: True, lambda: print("ready", flush=True), lambda: None)
print("ended", flush=True)
"""
STUBBORN = """
import signal, subprocess, sys, time
subprocess.Popen([sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"])
time.sleep(300)
"""


def members(mark: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == str(mark) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def eventually(true: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def group(tmp_path: Path):
    process = subprocess.Popen(
        [sys.executable, "-c", GROUP, str(tmp_path), STUBBORN], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    assert eventually(lambda: len(members(tmp_path)) == 3)
    yield process
    process.kill()
    process.communicate()
    end_orphans(str(tmp_path))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_whole_group_children_of_children_too(
    group: subprocess.Popen, tmp_path: Path, number: signal.Signals
) -> None:
    group.send_signal(number)
    out, _ = group.communicate(timeout=20)
    assert out == "ended\n"
    assert group.returncode == 0
    assert eventually(lambda: members(tmp_path) == [])


def test_a_program_that_dies_is_started_again_without_its_old_children(group: subprocess.Popen, tmp_path: Path) -> None:
    old = {process.pid for process in members(tmp_path)}
    parent = next(process for process in members(tmp_path) if process.children())
    parent.kill()
    assert "parent ended (killed by SIGKILL); again in 2 s" in group.stdout.readline()
    assert eventually(lambda: len(members(tmp_path)) == 3)
    assert len({process.pid for process in members(tmp_path)} & old) == 1, "only the sleeper is still the same"


def test_kill_9_of_the_supervisor_ends_its_programs_and_the_rest_is_found(
    group: subprocess.Popen, tmp_path: Path
) -> None:
    group.kill()
    group.wait()
    assert eventually(lambda: len(members(tmp_path)) <= 1), "the kernel tells the programs that their parent is gone"
    assert end_orphans(str(tmp_path)) == 1, "the child that ignores SIGTERM"
    assert members(tmp_path) == []


def test_processes_of_others_are_left_alone(tmp_path: Path) -> None:
    other = subprocess.Popen(["sleep", "60"], env={**os.environ, MARK: "another checkout"})
    try:
        assert end_orphans(str(tmp_path)) == 0
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()

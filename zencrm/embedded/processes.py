"""Ending a process that is not our child."""

import signal
import time

import psutil


def end(process: psutil.Process, *signals: tuple[signal.Signals, float]) -> bool:
    """Send each signal in turn and wait up to its seconds. True when the process is gone.

    A dead process that its parent has not collected yet counts as gone: who collects it, and when, is not our affair.
    """
    for number, seconds in signals:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            return True
        if _gone_within(process, seconds):
            return True
    return False


def _gone_within(process: psutil.Process, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while is_alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

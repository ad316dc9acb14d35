"""How this machine, in this hour, compares to the one the targets in milliseconds come from.

There a plain Django page (login and session, 80 rows of 8 values by one join, fetched as tuples, a template without filters)
took 4.9 ms for one client and was answered 362 times a second to eight. The same page is measured here first; targets in
milliseconds, seconds and requests a second are then given for a machine that is so many times slower or faster. Ratios, counts
and megabytes stay as they are.
"""

from dataclasses import dataclass

from benchmarks import load
from benchmarks.load import Route

THERE_MS, THERE_A_SECOND = 4.9, 362


@dataclass(frozen=True)
class Yardstick:
    """The plain page as measured here: milliseconds for one client, answers a second to eight."""

    ms: float
    a_second: float

    @property
    def slower(self) -> float:
        """How many times as long the plain page takes here."""
        return self.ms / THERE_MS

    def time(self, there: float | None) -> float | None:
        """A target in ms or s as it is for this machine."""
        return None if there is None else round(there * self.slower, 1)

    def rate(self, there: float) -> float:
        """A target per second as it is for this machine."""
        return round(there * self.a_second / THERE_A_SECOND, 1)


def measure(route: Route, rounds: int, clients: int) -> Yardstick:
    return Yardstick(load.medians({"plain": route}, rounds)["plain"], load.throughput(route, clients=clients))

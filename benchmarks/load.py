"""A browser's worth of HTTP on loopback: keep-alive, one session, bounded in count; pages and yardsticks take turns."""

import http.client
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A server on this machine, and the session to use."""

    port: int
    session: str

    def open(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def get(self, connection: http.client.HTTPConnection, path: str) -> float:
        """Fetch a page; returns milliseconds until its last byte. Anything but 200 ends the run."""
        started = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": f"sessionid={self.session}", "Accept": "text/html"})
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"{path} answered {response.status}")
        return (time.perf_counter() - started) * 1000


def medians(target: Target, paths: Sequence[str], rounds: int) -> list[float]:
    """Median milliseconds of each path, fetched in turn so that a slow spell of the machine hits all alike."""
    connection = target.open()
    times: list[list[float]] = [[] for _path in paths]
    for turn in range(rounds + 10):
        for place, path in enumerate(paths):
            taken = target.get(connection, path)
            if turn >= 10:  # the first rounds warm caches and connections up
                times[place].append(taken)
    connection.close()
    return [statistics.median(one) for one in times]


def throughput(target: Target, path: str, *, clients: int = 8, each: int = 60) -> float:
    """Requests a second with several clients at once."""

    def fetch() -> None:
        connection = target.open()
        for _turn in range(each):
            target.get(connection, path)
        connection.close()

    threads = [threading.Thread(target=fetch) for _client in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return clients * each / (time.perf_counter() - started)

"""A browser's worth of HTTP on loopback: keep-alive, signed in, bounded in count; pages and yardsticks take turns."""

import http.client
import statistics
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

WARM_UP = 8


class Answer(Exception):
    """A page answered something else than was asked for."""


@dataclass(frozen=True)
class Target:
    """A server on this machine, and the session to use."""

    port: int
    session: str

    def open(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def fetch(
        self, connection: http.client.HTTPConnection, path: str, headers: Mapping[str, str] | None = None
    ) -> tuple[float, bytes]:
        """Fetch a page: milliseconds until its last byte, and the page. Anything but 200 ends the run."""
        started = time.perf_counter()
        sent = {"Cookie": f"sessionid={self.session}", "Accept": "text/html", **(headers or {})}
        connection.request("GET", path, headers=sent)
        response = connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise Answer(f"{path} answered {response.status}")
        return (time.perf_counter() - started) * 1000, body


@dataclass(frozen=True)
class Route:
    """Addresses of one page, taken in turn, so that no single record decides."""

    target: Target
    paths: Sequence[str]
    headers: Mapping[str, str] = field(default_factory=dict)

    def fetch(self, connection: http.client.HTTPConnection, turn: int) -> tuple[float, bytes]:
        return self.target.fetch(connection, self.paths[turn % len(self.paths)], self.headers)


def medians(routes: Mapping[str, Route], rounds: int) -> dict[str, float]:
    """Median milliseconds by name, fetched in turn so that a slow spell of the machine hits all alike."""
    return {name: statistics.median(one) for name, one in times(routes, rounds).items()}


def times(routes: Mapping[str, Route], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each round by name, fetched in turn."""
    connections = {route.target.port: route.target.open() for route in routes.values()}
    found: dict[str, list[float]] = {name: [] for name in routes}
    for turn in range(rounds + WARM_UP):
        for name, route in routes.items():
            taken, _body = route.fetch(connections[route.target.port], turn)
            if turn >= WARM_UP:  # the first rounds warm caches and connections up
                found[name].append(taken)
    for connection in connections.values():
        connection.close()
    return found


def body(route: Route) -> str:
    """The first page of a route, to see what it holds."""
    connection = route.target.open()
    _taken, content = route.fetch(connection, 0)
    connection.close()
    return content.decode()


def throughputs(routes: Mapping[str, Route], *, clients: int, turns: int = 15) -> dict[str, float]:
    """Median requests a second by name, with several clients at once, in short turns that share the machine's slow spells."""
    found: dict[str, list[float]] = {name: [] for name in routes}
    for turn in range(turns + 1):
        for name, route in routes.items():
            served = throughput(route, clients=clients, each=12)
            if turn:  # the first one warms up
                found[name].append(served)
    return {name: statistics.median(one) for name, one in found.items()}


def throughput(route: Route, *, clients: int = 8, each: int = 60) -> float:
    """Requests a second with several clients at once."""

    def fetch() -> None:
        connection = route.target.open()
        for turn in range(each):
            route.fetch(connection, turn)
        connection.close()

    threads = [threading.Thread(target=fetch) for _client in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return clients * each / (time.perf_counter() - started)

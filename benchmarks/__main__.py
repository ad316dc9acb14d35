"""`make bench`: a large and a small database, pages against bare views, verbs; prints tables, writes var/bench/results.json."""

import argparse
import json
import os
import re
import statistics
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from benchmarks import capturing, load, yardstick
from benchmarks.load import Route
from benchmarks.machinery import VAR, Server, database, run, server
from benchmarks.report import Figure, table
from benchmarks.yardstick import Yardstick
from zencrm import embedded

SMALL, FEW = 1_000, 3
#: Rows to search in, and the size of the story that they are copied from.
CROWD, OF_CROWD = 1_000_000, 50_000
CLIENTS = 8
#: Milliseconds on the machine of the targets, and times the bare view, that a page may take.
LIMITS = {
    "list": (12, 2.0), "record": (25, None), "board": (None, None), "search, a name": (15, None),
    "search, a common word": (15, None),
}  # fmt: skip
#: What the search box sends; the answer is its list of hits alone.
IN_BOX = {"HX-Request": "true", "HX-Target": "search-results"}
MOST_QUERIES = 15
#: How often all pages are gone through to compare both sizes.
SPELLS = 3
GROWTH = 1.3

Report = dict[str, list[Figure]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000, help="size of the large database")
    parser.add_argument("--rounds", type=int, default=100, help="requests per page that is compared")
    options = parser.parse_args()
    machine = {"cores": os.cpu_count(), "load before": round(os.getloadavg()[0], 1)}
    print(f"{machine['cores']} cores, load {machine['load before']} before the run; PostgreSQL beside the server")
    embedded.start(VAR, redis=True)
    try:
        found = measure(options.leads, options.rounds)
    finally:
        embedded.stop(VAR)
    figures = {part: [figure.as_json() for figure in rows] for part, rows in found.items()}
    (VAR / "results.json").write_text(
        json.dumps({"leads": options.leads, "machine": machine, "figures": figures}, indent=2) + "\n"
    )
    missed = [figure.name for rows in found.values() for figure in rows if figure.met is False]
    print(f"\nTargets missed: {', '.join(missed) or 'none'}. Written to {VAR / 'results.json'}")
    return 0


def measure(leads: int, rounds: int) -> Report:
    urls = {count: database(count) for count in (FEW, SMALL, leads)}
    facts = {count: run("benchmarks.prepare", url, str(count)) for count, url in urls.items()}
    found: Report = {}

    def say(part: str, figures: Iterable[Figure]) -> None:
        found[part] = list(figures)
        print(table(part, found[part]), flush=True)

    if told := facts[leads]["told"]:
        say(f"Filling the database: {leads:,} leads, {told['rows']:,} rows", filling(told, leads))
    with server("bare", urls[leads], settings="benchmarks.bare_settings") as bare:
        plain = Route(bare.target(facts[leads]["bare_session"]), ["/bare/plain/"])
        machine = yardstick.measure(plain, rounds, CLIENTS)
        say("The plain page, by which targets in time are set (there 4.9 ms, 362 a second)", plain_page(machine))
    with (
        server("large", urls[leads]) as large,
        server("small", urls[SMALL]) as small,
        server("bare", urls[leads], settings="benchmarks.bare_settings") as bare,
    ):
        say(f"Pages at {leads:,} leads", compare(facts[leads], large, bare, rounds, machine))
        say("The same leads by the API", by_api(facts[leads], large, rounds))
        say(f"Growth from {SMALL:,} to {leads:,}", growth(facts, (small, large), leads, rounds))
        say("Web worker after all this", [Figure("memory", large.worker_megabytes(), "MB", at_most=150)])
    say(f"Queries, the same at {FEW}, {SMALL:,} and {leads:,}", queries(urls, facts))
    say("Verbs", verbs(run("benchmarks.verbs", urls[leads]), machine))
    if leads >= OF_CROWD:
        crowd, searches = searching(rounds, machine)
        say(f"The search box over {crowd:,} rows", searches)
    say(f"Scoring {leads:,} leads anew", scoring(run("benchmarks.scores", urls[leads]), leads, machine))
    say("The learnt score on leads it has not seen: five folds", learnt(run("benchmarks.learning", urls[SMALL])))
    say(capturing.title(), capturing.measure())
    rows = min(leads, 100_000)
    say(
        f"Importing {rows:,} leads by the wizard's code",
        importing(run("benchmarks.importing", urls[SMALL], str(rows)), machine),
    )
    return found


def importing(found: dict[str, float], machine: Yardstick) -> Iterable[Figure]:
    for name, seconds in found.items():
        yield Figure(name, seconds, "s", at_most=machine.time(120) if name == "taken in" else None)


def by_api(facts: dict[str, Any], large: Server, rounds: int) -> Iterable[Figure]:
    """Pages of the API beside the pages of the browser that show the same records."""
    (pages, _bare), (records, _same) = facts["compared"]["list"], facts["compared"]["record"]
    session = large.target(facts["sessions"]["manager"])
    key = {"Authorization": f"Bearer {facts['token']}", "Accept": "application/json"}
    rounds = min(rounds, 40)  # a token may ask so often a minute
    for name, paths in (("list", pages), ("record", records)):
        both = {"page": Route(session, paths), "api": Route(session, [f"/api/v1{path}" for path in paths], key)}
        taken = load.medians(both, rounds)
        note = f"the page: {taken['page']:.1f} ms"
        yield Figure(name, taken["api"], "ms", note=note)
        yield Figure(f"{name}, times the page", taken["api"] / taken["page"], "x", at_most=1)


def plain_page(machine: Yardstick) -> Iterable[Figure]:
    yield Figure("plain page", machine.ms, "ms", note=f"this machine takes {machine.slower:.1f} times as long")
    yield Figure("plain page, 8 clients", machine.a_second, "requests/s")


def filling(told: dict[str, float], leads: int) -> list[Figure]:
    limit = 120 if leads <= 100_000 else None
    return [Figure("the story by COPY, every lead scored", told["story"], "s", at_most=limit)]


def compare(facts: dict[str, Any], large: Server, bare: Server, rounds: int, machine: Yardstick) -> Iterable[Figure]:
    """Pages, their yardsticks and the plain page in turns; then the list with eight clients, in turns too.

    The machine of the next minute is another one, and a page that is asked for alone finds its way warm: so limits in
    milliseconds, and in requests a second, follow from the plain page as it was between the requests for this page.
    """
    session = facts["sessions"]["manager"]
    unadorned = bare.target(facts["bare_session"])
    plain = Route(unadorned, ["/bare/plain/"])
    pages = {name: Route(large.target(session), page) for name, (page, _bare) in facts["compared"].items()}
    bares = {name: Route(unadorned, paths) for name, (_page, paths) in facts["compared"].items()}
    for name, page in pages.items():
        taken = load.medians({"page": page, "bare": bares[name], "plain": plain}, rounds)
        milliseconds, times = LIMITS[name]
        at_most = replace(machine, ms=taken["plain"]).time(milliseconds)
        note = (
            f"plain: {taken['plain']:.1f} ms; bare: {taken['bare']:.1f} ms; {rows(page)} rows, bare {rows(bares[name])}"
        )
        yield Figure(name, taken["page"], "ms", at_most=at_most, note=note)
        yield Figure(f"{name}, times bare", taken["page"] / taken["bare"], "x", at_most=times)
    served = load.throughputs({"page": pages["list"], "bare": bares["list"], "plain": plain}, clients=CLIENTS)
    note = f"plain: {served['plain']:.0f}; bare: {served['bare']:.0f}"
    at_least = replace(machine, a_second=served["plain"]).rate(150)
    yield Figure("list, 8 clients", served["page"], "requests/s", at_least=at_least, note=note)


def rows(route: Route) -> int:
    """How many rows, cards or hits a page shows: both sides of a comparison say."""
    return len(re.findall(r'<tr>|class="board-card|class="hit"', load.body(route)))


def growth(
    facts: dict[int, dict[str, Any]], servers: tuple[Server, Server], leads: int, rounds: int
) -> Iterable[Figure]:
    """Each page on the small and the large database in turns, in spells that lie minutes apart.

    A neighbour on one of two cores slows one of two servers down, for seconds: turns alone do not see that.
    """
    pages = facts[leads]["pages"]
    routes = {
        name: {
            size: Route(web.target(facts[count]["sessions"][role]), facts[count]["pages"][name][1])
            for size, web, count in (("small", servers[0], SMALL), ("large", servers[1], leads))
        }
        for name, (role, _paths) in pages.items()
    }
    taken: dict[str, dict[str, list[float]]] = {name: {"small": [], "large": []} for name in pages}
    for _spell in range(SPELLS):
        for name in pages:
            for size, times in load.times(routes[name], max(12, rounds // (2 * SPELLS))).items():
                taken[name][size] += times
    for name in pages:
        before, after = statistics.median(taken[name]["small"]), statistics.median(taken[name]["large"])
        yield Figure(name, after / before, "x", at_most=GROWTH, note=f"{before:.1f} ms -> {after:.1f} ms")


def queries(urls: dict[int, str], facts: dict[int, dict[str, Any]]) -> Iterable[Figure]:
    counts = {size: run("benchmarks.queries", url, json.dumps(facts[size]["pages"])) for size, url in urls.items()}
    *smaller, large = counts.values()
    for name, count in large.items():
        seen = [one[name] for one in smaller if name in one]
        note = "" if all(one == count for one in seen) else f"with fewer records {', '.join(map(str, seen))}"
        yield Figure(name, count, "queries", at_most=MOST_QUERIES if "record" in name else None, note=note)


def verbs(found: dict[str, Any], machine: Yardstick) -> Iterable[Figure]:
    for name, milliseconds in found["steps"].items():
        yield Figure(name, milliseconds, "ms")
    yield Figure("chain of seven verbs", found["seven"], "ms", at_most=machine.time(150))
    yield Figure("whole walk, from lead to closed contract", found["whole"], "ms")
    yield Figure("whole walks by 8 clients", found["walks a second"], "walks/s")
    chains = found["walks a second"] * found["whole"] / found["seven"]
    yield Figure("chains of seven, by their share of it", chains, "chains/s", at_least=machine.rate(15))


def searching(rounds: int, machine: Yardstick) -> tuple[int, list[Figure]]:
    """What people type into the search box, in a crowd of records; for one who sees all, and one who sees their own."""
    url = database(OF_CROWD)
    sessions = run("benchmarks.prepare", url, str(OF_CROWD))["sessions"]
    crowd = run("benchmarks.crowd", url, str(CROWD))
    with server("crowd", url) as web:
        figures = []
        for role in ("manager", "sales"):
            target = web.target(sessions[role])
            routes = {
                name: Route(target, [f"/search/?q={typed}"], headers=IN_BOX)
                for name, typed in crowd["searches"].items()
            }
            taken = load.medians(routes, max(12, rounds // 5))
            limit = machine.time(50)
            figures += [Figure(f"{role}: {name}", ms, "ms", at_most=limit) for name, ms in taken.items()]
    return crowd["rows"], figures


def scoring(found: dict[str, float], leads: int, machine: Yardstick) -> Iterable[Figure]:
    limit = machine.time(10) if leads <= 100_000 else None
    yield Figure("every score changes", found["all changed"], "s", at_most=limit)
    yield Figure("no score changes", found["none changed"], "s")
    yield Figure("one lead, from its change to its score", found["one, median"], "s", at_most=1)
    yield Figure("the slowest of thirty", found["one, slowest"], "s", at_most=machine.time(1))


def learnt(found: dict[str, Any]) -> Iterable[Figure]:
    """Nothing where the data are not at hand."""
    if not found:
        return
    folds = ", ".join(f"{fold['auc']:.3f}" for fold in found["folds"])
    yield Figure("AUC, mean", found["auc"], "", at_least=0.900, note=f"by fold: {folds}")
    yield Figure("log-loss, mean", found["log_loss"], "", at_most=0.40)
    yield Figure("learning and telling, per fold", found["seconds"], "s")


if __name__ == "__main__":
    sys.exit(main())

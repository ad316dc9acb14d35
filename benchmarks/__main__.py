"""`make bench`: a large and a small database on one server, pages against bare views, verbs; prints a table, writes JSON."""

import argparse
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.load import Target, medians, throughput
from zencrm import embedded

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var" / "bench"
SMALL = 1_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=150)
    options = parser.parse_args()
    embedded.start(VAR, redis=True)
    try:
        found = measure(options.leads, options.rounds)
    finally:
        embedded.stop(VAR)
    (VAR / "results.json").write_text(json.dumps(found, indent=2) + "\n")
    report(found)
    return 0


def measure(leads: int, rounds: int) -> dict[str, Any]:
    small, large = database(SMALL), database(leads)
    facts = {name: run("benchmarks.prepare", name, str(count)) for name, count in ((small, SMALL), (large, leads))}
    found: dict[str, Any] = {"leads": leads, "seeded in s": facts[large]["seeded_in_s"]}
    pages = paths(facts[large]["lead"])
    with server(large) as port:
        target = Target(port, facts[large]["session"])
        found["pages"] = compare(target, pages, rounds)
        found["requests a second, 8 clients"] = round(throughput(target, pages["list"][0]), 0)
        large_ms = medians(target, [pages["list"][0]], rounds)[0]
    with server(small) as port:
        target = Target(port, facts[small]["session"])
        small_ms = medians(target, [paths(facts[small]["lead"])["list"][0]], rounds)[0]
    found["growth of the list"] = round(large_ms / small_ms, 2)
    found["queries"] = {name: count_queries(db, facts[db]["lead"]) for name, db in (("small", small), ("large", large))}
    found["verbs, ms"] = run("benchmarks.verbs", large)
    return found


def paths(lead: int) -> dict[str, tuple[str, str]]:
    """Page and yardstick by name."""
    return {
        "list": ("/leads/?state=working&sort=-score", "/bare/list/?state=working"),
        "record": (f"/leads/{lead}/", f"/bare/record/{lead}/"),
        "board": ("/opportunities/board/", "/bare/board/"),
        "search": ("/search/?q=marco+ros", "/bare/search/?q=marco+ros"),
    }


def compare(target: Target, pages: dict[str, tuple[str, str]], rounds: int) -> dict[str, dict[str, float]]:
    found = {}
    for name, (page, bare) in pages.items():
        page_ms, bare_ms = medians(target, [page, bare], rounds)
        found[name] = {"ms": round(page_ms, 1), "bare ms": round(bare_ms, 1), "ratio": round(page_ms / bare_ms, 2)}
    return found


def count_queries(database_url: str, lead: int) -> dict[str, int]:
    pages = {name: page for name, (page, _bare) in paths(lead).items()}
    counts = run("benchmarks.queries", database_url, *pages.values())
    return {name: counts[page] for name, page in pages.items()}


# --- databases and processes ----------------------------------------------------------------------------------------------


def database(leads: int) -> str:
    """The URL of the database of that size, made if the tables have changed since the last run."""
    migrations = b"".join(path.read_bytes() for path in sorted(ROOT.glob("*/migrations/0*.py")))
    story = b"".join(path.read_bytes() for path in sorted((ROOT / "zencrm" / "demo").glob("*.py")))
    name = f"bench_{leads}_{hashlib.sha256(migrations + story).hexdigest()[:8]}"
    base = embedded.database_url(VAR)
    url = base[: base.rindex("/") + 1] + name
    with psycopg.connect(dsn(base), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(f'CREATE DATABASE "{name}"')
    return url


def dsn(url: str) -> str:
    """A unix-socket URL as libpq takes it: postgres://user@//folder/name."""
    user, _at, rest = url.removeprefix("postgres://").partition("@")
    folder, _slash, name = rest.removeprefix("/").rpartition("/")
    return f"host={folder} dbname={name} user={user}"


def environment(database_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "DATABASE_URL": database_url,
        "REDIS_URL": embedded.redis_url(VAR),
        "ZENCRM_VAR": str(VAR),
        "EMAIL_URL": "dummymail://",
        "DEBUG": "0",
    }


def run(module: str, database_url: str, *arguments: str) -> Any:
    """Run a measuring module on a database; its last line is its answer."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(database_url), stdout=subprocess.PIPE, text=True, check=True
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


@contextmanager
def server(database_url: str) -> Iterator[int]:
    """The production web server on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface=wsgi", "--host=127.0.0.1", f"--port={port}", "--workers=2"]
    command += ["--blocking-threads=4", "--no-ws", "--log-level=error", "zencrm.wsgi:application"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(database_url))
    try:
        wait(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _turn in range(300):
        if process.poll() is not None:
            raise RuntimeError("the web server did not start")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the web server does not answer")


def report(found: dict[str, Any]) -> None:
    print(f"\n{found['leads']:,} leads (seeded in {found['seeded in s']} s)")
    print(f"{'page':<10}{'ms':>8}{'bare':>8}{'ratio':>8}{'queries':>9}")
    for name, row in found["pages"].items():
        queries = found["queries"]["large"][name]
        print(f"{name:<10}{row['ms']:>8}{row['bare ms']:>8}{row['ratio']:>8}{queries:>9}")
    same = found["queries"]["small"] == found["queries"]["large"]
    print(f"queries the same at {SMALL:,} and {found['leads']:,}: {'yes' if same else 'NO'}")
    print(f"list at {found['leads']:,} against {SMALL:,}: {found['growth of the list']} (target <= 1.3)")
    print(f"list at 8 clients: {found['requests a second, 8 clients']:.0f} requests/s")
    print("verbs, ms: " + ", ".join(f"{name} {ms}" for name, ms in found["verbs, ms"].items()))


if __name__ == "__main__":
    sys.exit(main())

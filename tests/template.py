"""A migrated, empty database that the test databases are copied from: running all migrations takes half a minute."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import psycopg
from psycopg import sql

CHECKOUT = Path(__file__).resolve().parent.parent
PREFIX = "zencrm_template_"


def name() -> str:
    """Changes with every migration, ours or a library's. What runs after migrations runs on the copies too."""
    digest = hashlib.sha256((CHECKOUT / "uv.lock").read_bytes())
    for path in sorted(CHECKOUT.glob("*/migrations/*.py")):
        digest.update(path.as_posix().encode() + path.read_bytes())
    return PREFIX + digest.hexdigest()[:12]


def ensure(database: dict[str, str], url: str) -> None:
    """Make the template on the server of `database` unless it is there; `url` is that server's, without a name."""
    server = {"host": database["HOST"], "port": database["PORT"], "user": database["USER"]}
    server = {key: value for key, value in server.items() if value}
    with psycopg.connect(**server, password=database["PASSWORD"], dbname="postgres", autocommit=True) as connection:
        known = [row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()]
        if name() in known:
            return
        for stale in (found for found in known if found.startswith(PREFIX)):
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(stale)))
        half = f"{PREFIX}half_{os.getpid()}"
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(half)))
        _migrate(f"{url}/{half}")
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        connection.execute(rename.format(sql.Identifier(half), sql.Identifier(name())))


def _migrate(url: str) -> None:
    environ = {**os.environ, "DATABASE_URL": url, "DB_POOL": "0"}
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "--settings=tests.settings"]
    subprocess.run(command, cwd=CHECKOUT, env=environ, check=True)

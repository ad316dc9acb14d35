"""The embedded servers: real ones, started, killed and started again in folders of their own."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from environ import Env

from zencrm import embedded
from zencrm.embedded import postgres, redis_server
from zencrm.embedded.layout import places

pytestmark = pytest.mark.servers
CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "var"
    yield folder
    embedded.release(folder)
    embedded.wipe(folder)


def ask(var: Path, sql: str) -> object:
    """The first value of a query's answer."""
    config = Env.db_url_config(embedded.database_url(var))
    connection = psycopg.connect(host=config["HOST"], user=config["USER"], dbname=config["NAME"], autocommit=True)
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def ask_redis(var: Path, *words: str) -> object:
    with redis.from_url(embedded.redis_url(var)) as client:
        return client.execute_command(*words)


def server_of(var: Path) -> psutil.Process:
    process = postgres._postmaster(places(var))
    assert process
    return process


def command(var: Path, act: str) -> list[str]:
    return [sys.executable, "-m", "zencrm.embedded", act, "--var", str(var)]


def test_both_servers_start_answer_and_stop(var: Path) -> None:
    embedded.start(var, durable=False)
    assert str(ask(var, "SHOW server_version")).startswith("18")
    assert ask_redis(var, "PING")
    embedded.stop(var)
    assert embedded.status(var) == {"postgresql": False, "redis": False}
    assert not places(var).sockets.exists()


def test_the_settings_of_a_durable_cluster(var: Path) -> None:
    embedded.start(var, redis=False)
    names = ("fsync", "synchronous_commit", "jit", "TimeZone", "max_connections", "listen_addresses")
    found = [ask(var, f"SHOW {name}") for name in names]
    assert found == ["on", "on", "off", "UTC", "200", ""]


def test_committed_data_survives_kill_9_of_both(var: Path) -> None:
    embedded.start(var)
    ask(var, "CREATE TABLE kept AS SELECT 7 AS number")
    ask_redis(var, "SET", "kept", "7")
    time.sleep(1.1)  # Redis flushes its file every second
    server_of(var).kill()
    redis_server._process(places(var)).kill()
    embedded.start(var)
    assert ask(var, "SELECT number FROM kept") == 7
    assert ask_redis(var, "GET", "kept") == b"7"


def test_it_starts_although_a_stale_pid_file_names_a_living_process(var: Path) -> None:
    embedded.start(var, redis=False, durable=False)
    pid_file = places(var).pgdata / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server_of(var).kill()
    pid_file.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
    embedded.start(var, redis=False, durable=False)
    assert ask(var, "SELECT 1") == 1


def test_it_recovers_when_the_socket_folder_was_swept_away(var: Path) -> None:
    embedded.start(var, durable=False)
    old = server_of(var).pid
    for socket in (places(var).pg_sockets / ".s.PGSQL.5432", places(var).redis_socket):
        socket.unlink()
    embedded.start(var, durable=False)
    assert embedded.status(var) == {"postgresql": True, "redis": True}
    assert server_of(var).pid != old


def test_an_interrupted_initdb_is_done_again(var: Path) -> None:
    half = places(var).pgdata.with_name("data.new")
    half.mkdir(parents=True)
    (half / "rest").write_text("of a killed initdb")
    embedded.start(var, redis=False, durable=False)
    assert ask(var, "SELECT 1") == 1


def test_four_processes_may_start_at_once(var: Path) -> None:
    starters = [subprocess.Popen(command(var, "start"), cwd=CHECKOUT, stdout=subprocess.PIPE) for _ in range(4)]
    assert [starter.wait(60) for starter in starters] == [0, 0, 0, 0]
    for starter in starters:
        starter.stdout.close()
    assert embedded.status(var) == {"postgresql": True, "redis": True}
    done = subprocess.run(command(var, "stop"), cwd=CHECKOUT, timeout=60)
    assert done.returncode == 0
    assert embedded.status(var) == {"postgresql": False, "redis": False}


USE = """
import sys
from pathlib import Path
from zencrm import embedded
embedded.start(Path(sys.argv[1]), redis=False, durable=False)
print("up", flush=True)
sys.stdin.read()
"""


def test_the_last_user_stops_it_even_if_another_was_killed(var: Path) -> None:
    users = [
        subprocess.Popen(
            [sys.executable, "-c", USE, str(var)], cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for _ in range(2)
    ]
    assert [user.stdout.readline() for user in users] == [b"up\n", b"up\n"]
    users[0].send_signal(signal.SIGKILL)
    users[0].wait()
    assert postgres.answers(places(var))
    users[1].communicate(timeout=30)
    assert not postgres.answers(places(var))
    users[0].communicate()


def test_two_checkouts_never_meet(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert embedded.database_url(one) != embedded.database_url(two)
    assert embedded.redis_url(one) != embedded.redis_url(two)
    deep = tmp_path / ("long" * 20) / ("name" * 20)
    assert len(str(places(deep).pg_sockets / ".s.PGSQL.5432")) < 100
    assert not deep.exists(), "an address is computed, not made"


def test_parallel_runs_claim_different_folders(tmp_path: Path) -> None:
    first = embedded.claim_var(tmp_path)
    second = embedded.claim_var(tmp_path)
    assert [first.name, second.name] == ["run-1", "run-2"]


def test_the_secret_key_is_made_once_and_private(tmp_path: Path) -> None:
    keys: list[str] = []
    threads = [threading.Thread(target=lambda: keys.append(embedded.secret_key(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8 and len(set(keys)) == 1 and len(keys[0]) > 50
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_socket_folder_of_somebody_else_is_refused(var: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.mkdir()
    places(var).sockets.symlink_to(trap)
    with pytest.raises(RuntimeError, match="belongs to somebody else"):
        embedded.start(var, durable=False)
    places(var).sockets.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="NOT TESTED: only root starts the database as another user")
def test_root_in_a_checkout_that_the_database_user_cannot_read(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    var = private / "var"
    before = {path: path.stat().st_mode for path in (private, tmp_path, CHECKOUT, Path(sys.prefix))}
    try:
        embedded.start(var, durable=False)
        server = server_of(var)
        assert server.username() == postgres.SYSTEM_USER
        assert not Path(server.exe()).is_relative_to(sys.prefix)
        assert ask(var, "SELECT 1") == 1
    finally:
        embedded.release(var)
        embedded.wipe(var)
    assert {path: path.stat().st_mode for path in before} == before

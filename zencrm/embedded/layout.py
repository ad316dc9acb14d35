"""Where the embedded servers keep their things. Pure computation: nothing here touches the disk.

PostgreSQL refuses to run as root, and the user it then runs as may not be able to read the checkout. So for root the
programs are copied to, and the data lives in, /var/lib/zencrm; for everybody else everything is under var/.
Sockets are in /tmp, because the path of a unix socket may have 107 characters at most, and a checkout may lie deep.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

ROOT_HOME = Path("/var/lib/zencrm")
DATABASE = USER = "zencrm"


class EmbeddedError(RuntimeError):
    """An embedded server did not start; the message says why and where its log is."""


@dataclass(frozen=True)
class Places:
    """All paths of one embedded pair of servers; `var` is the folder of the checkout that they belong to."""

    var: Path

    @property
    def as_root(self) -> bool:
        return os.geteuid() == 0

    @property
    def key(self) -> str:
        """Short name of this var folder, so that several checkouts never meet."""
        return hashlib.sha256(str(self.var).encode()).hexdigest()[:12]

    @property
    def home(self) -> Path:
        """Folder that belongs to PostgreSQL alone."""
        return ROOT_HOME / self.key if self.as_root else self.var / "postgres"

    @property
    def pgdata(self) -> Path:
        return self.home / "data"

    @property
    def pglog(self) -> Path:
        return self.home / "postgres.log"

    @property
    def sockets(self) -> Path:
        """Parent of both socket folders. Lower case: environ.db_url and urllib fold the case of host names."""
        return Path(f"/tmp/zencrm-{os.geteuid()}-{self.key}")  # noqa: S108 - ownership and mode are checked on use

    @property
    def pg_sockets(self) -> Path:
        return self.sockets / "pg"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def redis_data(self) -> Path:
        return self.var / "redis"

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def locks(self) -> Path:
        return self.var / "embedded"


def places(var: Path) -> Places:
    return Places(Path(var).resolve())


def make_private(folder: Path, mode: int = 0o700) -> None:
    """Make `folder`, or refuse one that somebody else has put there."""
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.geteuid():
        raise EmbeddedError(f"{folder} belongs to somebody else. Remove it and start again.")
    folder.chmod(mode)

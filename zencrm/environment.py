"""What the environment says about where this process runs: the settings stand on it, and so does what cannot wait for them."""

from pathlib import Path
from typing import Any

import environ
from environ.fileaware_mapping import FileAwareMapping

from zencrm import embedded

BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.read_env(BASE_DIR / ".env")


class _Values(FileAwareMapping):
    """The environment, or the file that NAME_FILE names; a text file ends in a new line that is no part of a password."""

    def __getitem__(self, key: str) -> str:
        return str(super().__getitem__(key)).rstrip("\r\n")


class _Env(environ.Env):
    ENVIRON = _Values()


env = _Env()

#: Everything that this checkout makes at run time.
VAR = Path(env.str("ZENCRM_VAR", default=str(BASE_DIR / "var")))
#: Demo users may log in with the password shown on the login page.
DEMO: bool = env.bool("DEMO", default=False)
DEMO_PASSWORD = "zencrm-demo"  # noqa: S105 - shown on the login page, in demo mode only

# PostgreSQL and Redis: those of the environment, else the embedded ones (started by manage.py, never by an import).
DATABASE: dict[str, Any] = env.db_url_config(env.str("DATABASE_URL", default="") or embedded.database_url(VAR))
REDIS_URL: str = env.str("REDIS_URL", default="") or embedded.redis_url(VAR)

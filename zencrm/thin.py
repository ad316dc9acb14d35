"""What a web worker does not need stays out of it: a worker may take 150 MB.

Some libraries take others along just in case, for a trick that nobody does here. They look for them once, when they are first
loaded; whoever is missing then is not missed.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from threading import Lock, local
from types import ModuleType
from typing import Any

#: What is loaded as if others were not installed, whoever loads it and whenever.
#: Formats of import_export: workbooks, which are loaded with the first one (`core.admin.exchange`), and YAML, which nobody is
#: offered. kombu: messages as YAML; ours are JSON.
#: openpyxl: numbers as numpy has them (numpy is there for those who learn a score), pictures in sheets, another writer of XML.
#: structlog: tracebacks in colour. Both it and Celery: greenlets.
#: The REST framework: a client for its tests, descriptions in Markdown, and its own of an API; ours is by drf-spectacular.
WITHOUT = {
    "celery.bootsteps": ("greenlet",),
    "celery.utils.threads": ("greenlet",),
    "import_export.formats.base_formats": ("openpyxl", "yaml"),
    "kombu.serialization": ("yaml",),
    "openpyxl": ("numpy", "PIL", "lxml"),
    "rest_framework.compat": ("requests", "markdown", "pygments", "yaml"),
    "structlog": ("rich", "greenlet"),
}
_asked = local()
_loading = Lock()


@contextmanager
def without(*names: str) -> Iterator[None]:
    """As if these modules were not installed, for this thread. Those that are loaded already stay as they are."""
    before = getattr(_asked, "without", ())
    _asked.without = (*before, *names)
    try:
        yield
    finally:
        _asked.without = before


class _ThinLoader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        with without(*WITHOUT[module.__name__]):
            super().exec_module(module)


class _ThinFinder:
    """Asked before all others whenever a module is loaded that is not loaded yet."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name in getattr(_asked, "without", ()):
            raise ModuleNotFoundError(f"{name} is not taken along", name=name)
        spec = PathFinder.find_spec(name, path, target) if name in WITHOUT else None
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _ThinLoader(spec.loader.name, spec.loader.path)
        return spec


class _Later(ModuleType):
    """Stands for a module until something of it is asked for: then that one is loaded, once, and answers."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what is known of a module that is not loaded; nobody uses it by asking
            raise AttributeError(name)
        with _loading:
            if sys.modules.get(self.__name__) is self:
                del sys.modules[self.__name__]
            module = import_module(self.__name__)
        return getattr(module, name)


def load_thin() -> None:
    """From now on what stands in `WITHOUT` is loaded without the others: 25 MB in every process."""
    if _ThinFinder not in sys.meta_path:
        sys.meta_path.insert(0, _ThinFinder)


#: What is loaded with its first use, by the processes in which somebody uses it. Passkeys are checked by 10 MB of
#: cryptography; names are compared by 4 MB, asked for as `rapidfuzz.fuzz` of the module: `from` it would be a use.
LATER = ("allauth.mfa.webauthn.internal.auth", "rapidfuzz")


def load_later() -> None:
    """From now on what stands in `LATER` is loaded with its first use."""
    for name in LATER:
        sys.modules.setdefault(name, _Later(name))

"""Static files without a bundler: the few vendor files that pages use, straight from node_modules, under short names."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Warning
from django.core.files.storage import FileSystemStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class VendorFinder(BaseFinder):
    """Finds exactly the files of ``settings.VENDOR_FILES`` (static name -> path in node_modules), and nothing beside them.

    A server keeps no node_modules, only what was collected: there the fonts of PDFs are found among that.
    """

    def __init__(self, app_names: object = None, *args: Any, **kwargs: Any) -> None:
        self.root = Path(settings.BASE_DIR) / "node_modules"
        self.storage = VendorStorage(location=self.root)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        missing = [path for name, path in settings.VENDOR_FILES.items() if not self.find(name)]
        if not missing:
            return []
        return [
            Warning(f"Front-end packages are missing: {missing[0]}.", hint="Run: npm ci --omit=dev", id="core.W001")
        ]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        source = settings.VENDOR_FILES.get(path)
        places = [self.root / source, Path(settings.STATIC_ROOT) / path] if source else []
        found = [str(place) for place in places if place.exists()]
        if find_all:
            return found
        return found[0] if found else None

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, Storage]]:
        for name, source in settings.VENDOR_FILES.items():
            if (self.root / source).exists():
                yield name, self.storage


class VendorStorage(FileSystemStorage):
    """Reads node_modules through the short names."""

    def path(self, name: str) -> str:
        return super().path(settings.VENDOR_FILES.get(name, name))


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed names; source maps are not shipped, and an uncollected file keeps its plain name."""

    manifest_strict = False
    patterns = tuple(
        (extension, tuple(p for p in patterns if "sourceMappingURL" not in (p if isinstance(p, str) else p[0])))
        for extension, patterns in CompressedManifestStaticFilesStorage.patterns
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._urls: dict[str, str] = {}

    def url(self, name: str, force: bool = False) -> str:
        """The address of a file, worked out once: a page names a dozen and a half of them."""
        if name not in self._urls:
            self._urls[name] = super().url(name, force)
        return self._urls[name]

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        try:
            return super().hashed_name(name, content, filename)
        except ValueError:
            return name

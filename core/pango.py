"""WeasyPrint with a Pango to draw with: the machine's, else the one that `scripts/get-pango` unpacked inside the checkout."""

import ctypes
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import ModuleType

#: The root of unpacked Debian packages; absent where the machine has Pango itself.
OWN = Path(__file__).resolve().parent.parent / ".tools" / "pango"


@cache
def weasyprint() -> ModuleType:
    """The module; importing it costs 0.4 s, paid by the workers that print, not by every process.

    Raises `OSError` where there is no Pango at all.
    """
    if OWN.is_dir():
        if (fonts := OWN / "etc" / "fonts" / "fonts.conf").exists():
            os.environ.setdefault("FONTCONFIG_PATH", str(fonts.parent))
        _load(sorted(OWN.glob("usr/lib/*/*.so.*")))
    import weasyprint

    return weasyprint


def _load(libraries: list[Path]) -> None:
    """Bring them into the process, those first that need no other: the linker then finds each by its name."""
    while libraries:
        left = [path for path in libraries if not _loads(path)]
        if len(left) == len(libraries):
            return
        libraries = left


def _loads(path: Path) -> bool:
    with suppress(OSError):
        ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
        return True
    return False

"""What a web worker does not need stays out of it: a worker may take 150 MB."""

import sys


def openpyxl_without_numpy() -> None:
    """Load openpyxl as if there were no numpy, which it takes along just in case: 16 MB in every process.

    numpy comes with scikit-learn, and is for those who learn a score. openpyxl looks for it once, when it is first loaded.
    """
    if "openpyxl" in sys.modules or "numpy" in sys.modules:
        return
    sys.modules["numpy"] = None  # type: ignore[assignment]  # Python's own way to say: there is none
    try:
        import openpyxl  # noqa: F401
    finally:
        del sys.modules["numpy"]

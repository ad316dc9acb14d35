"""How the codes of the authorities are kept."""

import re

_SEPARATORS = re.compile(r"[\s.\-/]+")


def clean_code(value: str) -> str:
    """A tax or SdI code without spaces and dots, in capitals."""
    return _SEPARATORS.sub("", value or "").upper()

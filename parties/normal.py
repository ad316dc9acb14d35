"""How identifiers are kept: without spaces and dots, in capitals, Italian VAT numbers without their country."""

import re

_SEPARATORS = re.compile(r"[\s.\-/]+")


def clean_code(value: str) -> str:
    """A tax or SdI code as the authorities write it."""
    return _SEPARATORS.sub("", value or "").upper()


def clean_vat_number(value: str) -> str:
    """A VAT number: Italian ones as 11 digits, others with the prefix of their country."""
    code = clean_code(value).removeprefix("P.IVA").removeprefix("PIVA")
    return code.removeprefix("IT") if re.fullmatch(r"IT\d{11}", code) else code

"""Check digits and formats of Italian (and European) identifiers, checked offline by python-stdnum."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError as NumberError
from stdnum.it import codicefiscale, iva


def validate_vat_number(value: str) -> None:
    """Italian VAT number of 11 digits with its check digit, or a European one with its country prefix."""
    try:
        if re.fullmatch(r"(IT)?\s?\d[\d\s]*", value):
            iva.validate(value.removeprefix("IT"))
        else:
            eu_vat.validate(value)
    except NumberError as error:
        raise ValidationError(_("This is not a valid VAT number: please check its digits.")) from error


def validate_tax_code(value: str) -> None:
    """Codice fiscale: 16 characters of a person with the check character, or 11 digits of an organisation."""
    try:
        codicefiscale.validate(value)
    except NumberError as error:
        raise ValidationError(_("This is not a valid codice fiscale: please check its characters.")) from error


def validate_sdi_code(value: str) -> None:
    """Codice destinatario: 7 letters and digits (6 for public bodies), as the SdI gives them."""
    if not re.fullmatch(r"[A-Z0-9]{6,7}", value):
        raise ValidationError(_("The SdI code has 7 letters and digits (6 for public bodies)."))

"""Invented Italian identifiers with valid check digits."""

import random

from stdnum import luhn
from stdnum.it import codicefiscale

MONTHS = "ABCDEHLMPRST"


def vat_number(rng: random.Random, province: int = 15) -> str:
    """Partita IVA: 7 digits, 3 of the office, 1 check digit (Luhn)."""
    body = f"{rng.randrange(1, 10_000_000):07d}{province:03d}"
    return body + luhn.calc_check_digit(body)


def tax_code(rng: random.Random, *, first: str, last: str, birth_year: int) -> str:
    """Codice fiscale of a person, with its check character (D.M. 12 March 1974)."""
    day = rng.randrange(1, 29) + rng.choice((0, 40))
    place = f"{rng.choice('ABCDEFGHL')}{rng.randrange(100, 1000)}"
    body = f"{_letters(last)}{_letters(first)}{birth_year % 100:02d}{rng.choice(MONTHS)}{day:02d}{place}"
    return body + codicefiscale.calc_check_digit(body)


def _letters(name: str) -> str:
    """Three letters of a name: consonants first, then vowels, filled up with X."""
    letters = [c for c in name.upper() if c.isascii() and c.isalpha()]
    consonants = [c for c in letters if c not in "AEIOU"]
    vowels = [c for c in letters if c in "AEIOU"]
    return "".join([*consonants, *vowels, "X", "X", "X"])[:3]


def sdi_code(rng: random.Random) -> str:
    return "".join(rng.choice("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789") for _ in range(7))


def phone(rng: random.Random) -> str:
    return f"+39 0{rng.choice((2, 11, 45, 51, 55, 81, 49))} {rng.randrange(1_000_000, 9_999_999)}"


def mobile(rng: random.Random) -> str:
    return f"+39 3{rng.choice((20, 28, 33, 38, 40, 47, 49, 66, 80, 92))} {rng.randrange(1_000_000, 9_999_999)}"

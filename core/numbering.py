"""Document numbers without gaps: one row per series and year, incremented in the transaction that uses the number.

A database sequence would be faster and leave a gap at each roll-back, which Italian VAT law does not allow for invoices
(DPR 633/1972, art. 21, c. 2, lett. b: numero progressivo che la identifichi in modo univoco).
"""

from django.db import connection

_NEXT = """
    INSERT INTO core_series (code, year, last) VALUES (%s, %s, %s)
    ON CONFLICT (code, year) DO UPDATE SET last = core_series.last + excluded.last
    RETURNING last
"""

_LOCK = """
    INSERT INTO core_series (code, year, last) VALUES (%s, %s, 0)
    ON CONFLICT (code, year) DO UPDATE SET last = core_series.last
"""


def lock_series(code: str, year: int) -> None:
    """Hold a series until the caller's transaction ends, without taking a number.

    Whatever is checked against the last number after this (a date that must not run backwards) stays true until the number
    is taken: nobody else can take one in between.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [code, year])


def next_number(code: str, year: int) -> str:
    """Take the next number of a series, as "FT 2026/0001".

    Locks the series until the caller's transaction ends: make it the last statement of the act.
    """
    return next_numbers(code, year, 1)[0]


def next_numbers(code: str, year: int, count: int) -> list[str]:
    """Take the next `count` numbers of a series at once, for documents that come in bulk."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [code, year, count])
        (last,) = cursor.fetchone()
    return [f"{code} {year}/{number:04d}" for number in range(last - count + 1, last + 1)]

"""Addresses of pages of records. `reverse` looks for its way anew each time; a list asks for hundreds that differ by an id."""

from functools import lru_cache
from typing import Any

from django.urls import NoReverseMatch, get_resolver, get_script_prefix, reverse


def address(name: str, *args: Any) -> str:
    """The address of a URL name; "" where there is none."""
    return _reversed(get_resolver(), get_script_prefix(), name, args)


def around(name: str) -> tuple[str, str]:
    """The address of a URL name around its one argument, an id: ("/leads/", "/"); empty where there is none."""
    before, _zero, after = address(name, 0).rpartition("0")
    return before, after


def of_record(name: str, pk: int) -> str:
    """The address of a URL name whose one argument is this id; "" where there is none."""
    before, after = around(name)
    return f"{before}{pk}{after}" if before else ""


@lru_cache(maxsize=1024)
def _reversed(_resolver: Any, _prefix: str, name: str, args: tuple[Any, ...]) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""

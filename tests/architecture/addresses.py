"""Every address of the house with something behind it: what the tables of access, looks and queries walk through."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse


def named_urls(prefixes: tuple[str, ...] = ("admin", "account", "mfa")) -> Iterator[tuple[str, URLPattern]]:
    """(full name, pattern) of every named address, those of libraries left out."""
    yield from _walk(get_resolver(), "", prefixes)


def _walk(resolver: URLResolver, namespace: str, left_out: tuple[str, ...]) -> Iterator[tuple[str, URLPattern]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inner = ":".join(part for part in (namespace, pattern.namespace) if part)
            if not str(pattern.pattern).startswith(left_out) and inner not in left_out:
                yield from _walk(pattern, inner, left_out)
        elif pattern.name:
            yield f"{namespace}:{pattern.name}" if namespace else pattern.name, pattern


def arguments(pattern: URLPattern) -> list[str]:
    return list(pattern.pattern.converters)


def address(name: str, pattern: URLPattern, values: dict[str, Any]) -> str:
    return reverse(name, kwargs={key: values[key] for key in arguments(pattern)})

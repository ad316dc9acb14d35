"""The Content-Security-Policy: strict on every page; the admin, whose library needs inline code, has one of its own."""

from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

#: django-unfold is built on Alpine.js: it evaluates expressions in attributes and sets styles in them. Still no foreign host.
ADMIN = {"script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL], "style-src": [SELF, UNSAFE_INLINE]}


class PolicyMiddleware(CSPMiddleware):
    """One policy for our pages, another for /admin/."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request=request, response=response, report_only=report_only)
        if request.path.startswith("/admin/") and not report_only:
            parts.replace = {**ADMIN, **(parts.replace or {})}
        return parts


def policy_of(response: Any) -> dict[str, str]:
    """A response's policy as a table, for tests and for reading."""
    header = response.headers.get("Content-Security-Policy", "")
    return {name: rest for name, _, rest in (part.strip().partition(" ") for part in header.split(";")) if name}

"""Who calls: a bearer token, and nothing else. A browser's session opens no data here, so that no page of another site can
use it (CSRF); it opens only the documentation, which changes nothing."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission

from core import throttle
from core.api.problems import Problem
from core.models import ApiToken
from core.models.api import digest

REALM = 'Bearer realm="ZenCRM"'
#: How often "last used" is written, at most.
NOTED_EVERY = timedelta(minutes=1)
#: Wrong tokens from one place, per minute.
WRONG_PER_MINUTE = 60


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer zcr_...`."""

    def authenticate(self, request: Any) -> tuple[Any, ApiToken] | None:
        scheme, _space, plain = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer":
            raise _unauthorized(_("Only bearer tokens are known here."))
        token = self._find(plain.strip(), request)
        _note_use(token)
        request._request._cached_user = token.user  # whose request it is, for the log
        if "Accept-Language" not in request.headers:
            user: Any = token.user
            translation.activate(user.language)  # the middleware puts it back
        return token.user, token

    def authenticate_header(self, request: Any) -> str:
        return REALM

    def _find(self, plain: str, request: Any) -> ApiToken:
        token = ApiToken.objects.select_related("user").filter(digest=digest(plain)).first()
        if token is None or not token.is_valid or not token.user.is_active:
            _slow_down(request)
            if token is not None and token.is_expired:
                raise _unauthorized(_("This token has expired."))
            raise _unauthorized(_("This token is not known, or was revoked."))
        return token


def _unauthorized(detail: str) -> Problem:
    return Problem(401, detail, headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'})


def _slow_down(request: Any) -> None:
    """Guessing is hopeless; it shall not cost the others anything either."""
    used, left = throttle.used(f"api-wrong:{throttle.client_ip(request)}", seconds=60)
    if used > WRONG_PER_MINUTE:
        raise Problem(429, _("Try again in %(n)d seconds.") % {"n": left}, headers={"Retry-After": str(left)})


def _note_use(token: ApiToken) -> None:
    """At most once a minute: a reading program shall not write with every request."""
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - NOTED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


class WithinScope(BasePermission):
    """A token is needed; one that only reads does not write."""

    def has_permission(self, request: Any, view: Any) -> bool:
        token = request.auth
        if not isinstance(token, ApiToken):
            return False
        if request.method in SAFE_METHODS or token.may_write:
            return True
        raise Problem(403, _("This token may only read."))

"""Sign-in by user name or e-mail; rights by group only, read in one query and kept for the request."""

from functools import cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission

from core.written import Statement


class RoleBackend(AuthenticationBackend):
    """Every right comes from a role: there are no permissions given to a single person."""

    def _get_user_permissions(self, user_obj: Any) -> Any:
        return Permission.objects.none()

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        return self.get_group_permissions(user_obj)

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """As Django's own, whose place of keeping is used, but by a question that is written once: every page asks it."""
        if (
            not user_obj.is_superuser
            and user_obj.is_active
            and obj is None
            and not hasattr(user_obj, "_group_perm_cache")
        ):
            rows = _rights().rows({Statement.BLANK: user_obj.pk})
            user_obj._group_perm_cache = {f"{app}.{codename}" for app, codename in rows}
        found: set[str] = super().get_group_permissions(user_obj, obj)
        return found


@cache
def _rights() -> Statement:
    """For a user."""
    rights = Permission.objects.filter(group__user=Statement.BLANK).order_by()
    return Statement.of(rights.values_list("content_type__app_label", "codename"))

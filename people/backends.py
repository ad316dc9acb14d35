"""Sign-in by user name or e-mail; rights by group only, read in one query and kept for the request."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission


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

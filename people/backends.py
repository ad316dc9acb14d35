"""Sign-in by user name or e-mail; rights by group only; who is signed in and what they may is one question of every page."""

from functools import cache, lru_cache
from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Group, Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS
from django.db.models import OuterRef

from core.written import Statement
from people.models import User

#: What a row of `Group.permissions.through` is called here: a right that a role gives.
_Grant = Group.permissions.through


class RoleBackend(AuthenticationBackend):
    """Every right comes from a role: there are no permissions given to a single person."""

    def get_user(self, user_id: Any) -> User | None:
        """As Django's own, with the rights that the user has at this moment."""
        for *values, grants in _reader().rows({Statement.BLANK: user_id}):
            user = User.from_db(DEFAULT_DB_ALIAS, _columns(), values)
            _keep(user, grants)
            return user if self.user_can_authenticate(user) else None
        return None

    def _get_user_permissions(self, user_obj: Any) -> Any:
        return Permission.objects.none()

    def get_user_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        return self.get_group_permissions(user_obj)

    def get_group_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        """As Django's own, whose place of keeping is used: a user who did not come with their rights is asked for them."""
        asked = user_obj.is_active and not user_obj.is_superuser and obj is None
        if asked and not hasattr(user_obj, "_group_perm_cache"):
            _keep(user_obj, [grant for (grant,) in _grants().rows({Statement.BLANK: user_obj.pk})])
        found: set[str] = super().get_group_permissions(user_obj, obj)
        return found


def _keep(user: Any, grants: list[int]) -> None:
    """Superusers have every right there is, which Django finds."""
    if not user.is_superuser:
        user._group_perm_cache = _rights(tuple(grants))


@lru_cache(maxsize=256)
def _rights(grants: tuple[int, ...]) -> frozenset[str]:
    """The rights behind these grants. A grant is made and deleted, never changed, and its id is not given again."""
    rights = Permission.objects.filter(pk__in=_Grant.objects.filter(pk__in=grants).values("permission")).order_by()
    return frozenset(f"{app}.{codename}" for app, codename in rights.values_list("content_type__app_label", "codename"))


def _held_by(user: Any) -> Any:
    roles = User.groups.through.objects.filter(user=user).values("group")
    return _Grant.objects.filter(group__in=roles).order_by("pk").values_list("pk")


@cache
def _grants() -> Statement:
    """For a user."""
    return Statement.of(_held_by(Statement.BLANK))


@cache
def _reader() -> Statement:
    """For a user: their columns, then what they are granted."""
    rows = User.objects.filter(pk=Statement.BLANK).annotate(grants=ArraySubquery(_held_by(OuterRef(OuterRef("pk")))))
    return Statement.of(rows.values_list(*_columns(), "grants"))


@cache
def _columns() -> list[str]:
    return [field.attname for field in User._meta.concrete_fields]

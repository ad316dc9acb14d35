"""The demo company's users, shown on the login page of a demo and nowhere else."""

from typing import Any

from django import template
from django.conf import settings

from people.models import User
from people.roles import ROLES

register = template.Library()


@register.simple_tag
def demo_users() -> list[tuple[str, Any]]:
    """(user name, role) of everybody who may log in with the demo's password."""
    if not settings.DEMO:
        return []
    rows = (
        User.objects.filter(is_active=True, groups__name__in=ROLES)
        .order_by("pk")
        .values_list("username", "groups__name")
    )
    return [(name, ROLES[role].label) for name, role in rows]


@register.simple_tag
def demo_password() -> str:
    return settings.DEMO_PASSWORD if settings.DEMO else ""

"""Who is signed in at the yardstick's server."""

from django.contrib.auth.backends import ModelBackend

from people.backends import RoleBackend


class PlainBackend(RoleBackend):
    """Asks for the user as Django does; what they may is asked for when a page wants to know it."""

    get_user = ModelBackend.get_user  # type: ignore[assignment]

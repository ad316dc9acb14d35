"""The admin is entered through the same door as everything else: one login, one lock-out, one second factor."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin


def secure_login() -> None:
    """Anonymous people go to the login page and come back; those without the right to the admin get 403."""
    admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

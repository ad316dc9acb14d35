from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from people.roles import sync_after_last_app

        post_migrate.connect(sync_after_last_app, dispatch_uid="people.roles.sync")

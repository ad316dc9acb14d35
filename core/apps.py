from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
    verbose_name = "ZenCRM"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from core import access, channels  # noqa: F401  (registers the channels)

        post_migrate.connect(access.create_permissions, dispatch_uid="core.access.create_permissions")

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpportunitiesConfig(AppConfig):
    name = "opportunities"
    verbose_name = _("Opportunities")

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from core import history
        from opportunities.models import stages

        post_migrate.connect(stages.make_first, sender=self, dispatch_uid="opportunities.stages")

        history.register("opportunity.drafted", _("opened the opportunity"))

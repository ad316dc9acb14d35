from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from core import history
        from leads.models import reasons

        post_migrate.connect(reasons.make_first, sender=self, dispatch_uid="leads.reasons")

        history.register("lead.created", _("took in the lead"))
        history.register("campaign.created", _("planned the campaign"))

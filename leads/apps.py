from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        from core import history

        history.register("lead.created", _("took in the lead"))
        history.register("campaign.created", _("planned the campaign"))

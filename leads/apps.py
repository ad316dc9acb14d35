from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = _("Leads")

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from core import history
        from leads.models import reasons
        from leads.scoring import first

        post_migrate.connect(reasons.make_first, sender=self, dispatch_uid="leads.reasons")
        post_migrate.connect(first.make_first, sender=self, dispatch_uid="leads.score_rules")

        history.register("lead.created", _("took in the lead"))
        history.register("lead.moved_on", _("moved the lead on: it was not contacted in time"))
        history.register(
            "lead.neglected", _("found that the lead was not contacted in time, and nobody else can take it")
        )
        history.register("assignmentrule.created", _("wrote the rule"))
        history.register("lead.captured", _("came again"))
        history.register("campaign.created", _("planned the campaign"))
        history.register("webform.created", _("built the form"))
        history.register("webform.secret_renewed", _("made a new secret"))
        history.register("enrolment.created", _("put them into the sequence"))
        history.register("mailing.created", _("drafted the mailing"))
        history.register("segment.created", _("made the segment"))
        history.register("sequence.created", _("drafted the sequence"))
        history.register("sequence.rewritten", _("changed the steps"))
        history.register("contact.invited", _("put the contact on the list of the campaign “%(campaign)s”"))

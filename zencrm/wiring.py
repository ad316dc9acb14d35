"""What upper rooms add to the pages and verbs of lower ones: thread stages, hand-overs, gates."""

from django.utils.translation import gettext_lazy as _

from core.registry import Stage, register_stages
from invoicing.models import Invoice
from leads.models import Lead
from opportunities.models import Opportunity
from orders.models import Contract, SalesOrder
from projects.models import Project
from quotes.models import Quote


def install() -> None:
    _stages()


def _stages() -> None:
    register_stages(
        Stage("lead", _("Lead"), Lead, number="company_name", icon="user-search"),
        Stage("opportunity", _("Opportunity"), Opportunity, icon="target-arrow"),
        Stage("quote", _("Quote"), Quote, icon="file-text"),
        Stage("order", _("Order"), SalesOrder, icon="shopping-cart"),
        Stage("contract", _("Contract"), Contract, icon="writing-sign"),
        Stage("project", _("Project"), Project, icon="hammer"),
        Stage("invoice", _("Invoice"), Invoice, icon="file-invoice"),
    )

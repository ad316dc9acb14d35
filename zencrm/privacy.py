"""Personal data, from all rooms: who is a person, where something is held of people, and which kinds hold nothing."""

from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _

import activities.privacy
import customercare.privacy
import invoicing.privacy
import leads.privacy
import opportunities.privacy
import orders.privacy
import parties.privacy
import quotes.privacy
from core import history
from core.pages import register_extra
from core.privacy import own, retention
from core.privacy.consent_pages import page_extra
from core.privacy.registry import declare, exempt, register_people
from leads.models import Lead
from parties.models import Contact

ROOMS = (
    parties.privacy, leads.privacy, opportunities.privacy, quotes.privacy, orders.privacy, invoicing.privacy,
    customercare.privacy, activities.privacy, own,
)  # fmt: skip

#: Kinds that point at people, or whose columns are called as if: why they are no person's.
EXEMPT: dict[str, str] = {
    "parties.Company": "A firm. A sole trader is erased as the contact or lead they are.",
    "people.User": "Staff: kept and erased under labour law, by hand.",
    "people.Employee": "Staff: kept and erased under labour law, by hand.",
    "activities.Notification": "Told to staff about a record; names the record by its id only.",
    "activities.CalendarFeed": "Staff.",
    "leads.Assignment": "To whom of the staff a lead was given, and why; names the lead by its id only.",
    "core.Erasure": "The register of erasures: ids and numbers of documents.",
    "projects.Entry": "An amount in the ledger of a project; it points at hours, expenses and invoices.",
}


def install() -> None:
    register_people(Contact, Lead)
    for room in ROOMS:
        declare(room.HOLDINGS)
        retention.register(*getattr(room, "TERMS", ()))
    exempt(own.EXEMPT | {_model(name): reason for name, reason in EXEMPT.items()})
    register_extra(page_extra)
    history.register("consent_given", _("recorded a consent"))
    history.register("consent_withdrawn", _("recorded that a consent is withdrawn"))
    history.register("erased", _("erased the personal data"))


def _model(name: str) -> Any:
    return apps.get_model(name)

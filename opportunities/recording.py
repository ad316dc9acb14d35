"""While a lead is converted: what is made, and how the rows that change were before and after, so that it can be undone."""

from typing import Any

from core import access
from core.merging import rows
from core.privacy import consent
from leads.models import Lead
from opportunities.converting import Parties
from opportunities.models import Conversion, Opportunity


def key_of(record: Any) -> str:
    """How a row is called in `Conversion.kept`."""
    return f"{record._meta.label_lower}:{record.pk}"


class Recording:
    """Follows one conversion, inside its transaction."""

    def __init__(self, lead: Lead, by: access.Actor) -> None:
        self.by = by
        self.touched: dict[str, Any] = {}
        self.before: dict[str, rows.Columns] = {}
        self.made: dict[str, Any] = {}
        self._remember(lead)

    def meet(self, found: Parties, *, fill: bool) -> Parties:
        """Make what is new, fill in what found ones lack; returns the parties as they are now."""
        company, contact = found.company, found.contact
        if company.pk is None:
            self._make("company", company)
        elif fill:
            self._fill(company, found.for_company)
        if contact is not None and contact.pk is None:
            contact.company = company
            self._make("contact", contact)
        elif contact is not None and fill:
            self._fill(contact, found.for_contact)
        return found

    def keep(self, lead: Lead, opportunity: Opportunity) -> Conversion:
        """Write it down. What the lead has agreed to counts for the contact, who is the same person."""
        if lead.contact is not None:
            copies = consent.carry_over(lead, lead.contact)
            self.made["consents"] = [copy.pk for copy in copies]
        self.made["opportunity"] = opportunity.pk
        self.touched[key_of(opportunity)] = opportunity
        kept = {
            key: {"after": rows.read(type(record), record.pk)}
            | ({"before": self.before[key]} if key in self.before else {})
            for key, record in self.touched.items()
        }
        return Conversion.objects.create(
            lead=lead,
            opportunity_id=opportunity.pk,
            actor=access.user_of(self.by),
            actor_name=access.name_of(self.by)[:200],
            made=self.made,
            kept=kept,
        )

    def _remember(self, record: Any) -> None:
        self.touched[key_of(record)] = record
        self.before[key_of(record)] = rows.read(type(record), record.pk)

    def _make(self, name: str, record: Any) -> None:
        record.save()
        self.made[name] = record.pk
        self.touched[key_of(record)] = record

    def _fill(self, record: Any, values: dict[str, Any]) -> None:
        if not values or not access.may(self.by, access.permission_name("change", type(record))):
            return
        type(record)._base_manager.select_for_update(of=("self",)).get(pk=record.pk)
        self._remember(record)
        for name, value in values.items():
            setattr(record, name, value)
        record.save(update_fields=[*values, "updated_at"])

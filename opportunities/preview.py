"""What converting a lead is going to do, line by line, before anybody decides."""

from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext as _

from activities.models import Activity, Email, Note
from core.models import Consent
from leads.models import Lead
from opportunities.converting import parties_of
from parties.models import Company

CREATED, LINKED, FILLED, KEPT = "created", "linked", "filled", "kept"


@dataclass(frozen=True)
class Line:
    """One thing that happens. `act` is created, linked, filled or kept."""

    act: str
    word: Any
    what: str
    details: str = ""
    url: str = ""
    icon: str = "plus"

    @property
    def colour(self) -> str:
        return {CREATED: "green", LINKED: "blue", FILLED: "orange"}.get(self.act, "secondary")


def of(lead: Lead, company: Company | None, *, fill: bool = True) -> list[Line]:
    """The lines, for this company (unsaved: it is made; None: the one that is found)."""
    parties = parties_of(lead, company)
    lines = [_record(parties.company, "building")]
    if parties.contact is not None:
        lines.append(_record(parties.contact, "user"))
    if fill:
        lines += _filled(parties.company, parties.for_company) + _filled(parties.contact, parties.for_contact)
    lines.append(Line(CREATED, _("Created"), _("Opportunity"), _("with the owner and the thread of the lead")))
    return [*lines, *_stays(lead, to_contact=parties.contact is not None)]


def _record(record: Any, icon: str) -> Line:
    kind = str(record._meta.verbose_name)
    kind = kind[:1].upper() + kind[1:]
    if record.pk:
        return Line(LINKED, _("Linked"), f"{kind}: {record}", url=record.get_absolute_url(), icon="link")
    known = [record.vat_number, record.city] if isinstance(record, Company) else [record.job_title, record.email]
    return Line(CREATED, _("Created"), f"{kind}: {record}", ", ".join(filter(None, known)), icon=icon)


def _filled(record: Any, values: dict[str, Any]) -> list[Line]:
    names = ", ".join(str(record._meta.get_field(name).verbose_name) for name in values)
    return [Line(FILLED, _("Filled in"), str(record), names, icon="pencil-plus")] if values else []


def _stays(lead: Lead, *, to_contact: bool) -> list[Line]:
    """What was said of the lead is one click away in the thread; what they have agreed to counts for the contact as well."""
    kind = ContentType.objects.get_for_model(lead)
    mine = {"subject_type": kind, "subject_id": lead.pk}
    lines = []
    if to_contact and (consents := Consent.objects.filter(**mine).count()):
        text = _("count for the contact as well")
        lines.append(Line(CREATED, _("Copied"), _("Consents: %(n)d") % {"n": consents}, text, icon="shield-check"))
    counts = [(model, model._default_manager.filter(**mine).count()) for model in (Activity, Note, Email)]
    told = ", ".join(f"{model._meta.verbose_name_plural}: {n}" for model, n in counts if n)
    if told:
        lines.append(Line(KEPT, _("Stays with the lead"), told[:1].upper() + told[1:], icon="history"))
    return lines

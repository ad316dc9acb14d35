"""Leads as people: what is known of them, and for how long."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.privacy import erasing
from core.privacy.registry import REDACT, Holding
from core.privacy.retention import Term, erase_quietly, quiet_since
from leads.models import CampaignMember, Capture, Enrolment, Lead, LeadScore, OptIn, Send, Touch


def _sent_by(person: Any) -> Q:
    """Submissions with their address that became no lead."""
    found = Q(pk__in=[])
    for email in person.emails:
        found |= Q(payload__fields__email__iexact=email)
    return found


HOLDINGS = (
    Holding(
        Lead,
        {
            **dict.fromkeys(
                (
                    "first_name",
                    "last_name",
                    "job_title",
                    "email",
                    "phone",
                    "website",
                    "vat_number",
                    "tax_code",
                    "sdi_code",
                    "pec",
                    "street",
                    "postcode",
                    "need",
                    "authority",
                ),
                "",
            ),
            "message": "",
            "external_key": "",
            "attributes": {},
            "custom": {},
            "tags": [],
            "company_name": REDACT,
            "interest": REDACT,
        },
    ),
    Holding(LeadScore, {"score_reasons": []}, paths=("lead",), untold=("scored_with", "state")),
    # Which campaign brought somebody stays for the reports; addresses and search words may name them.
    Holding(Touch, dict.fromkeys(("term", "referrer", "page"), ""), paths=("lead",), at="at"),
    Holding(
        Capture,
        {"payload": {}, "ip": None, "agent": "", "why": "", "digest": ""},
        paths=("lead",),
        match=_sent_by,
        at="received_at",
        untold=("digest", "key", "attempts", "next_try_at"),
    ),
    Holding(OptIn, {"email": "", "ip": None}, paths=("lead",), at="asked_at", untold=("nonce",)),
    Holding(Enrolment, {"email": "", "problem": ""}, about=True, at="created_at", untold=("problem", "custom", "tags")),
    Holding(Send, {"email": ""}, about=True, at="at"),
    Holding(CampaignMember, {}, paths=("lead", "contact")),
)


def _drop_capture(row: Capture) -> None:
    with transaction.atomic(), erasing.opened(Capture):
        row.delete()


TERMS = (
    Term(
        "lost_leads",
        _("Lost leads"),
        24,
        lambda before: quiet_since(Lead.objects.filter(state=Lead.State.LOST), before),
        erase_quietly,
        _("The person is erased; what the lead was worth and why it was lost stays for the reports."),
    ),
    Term(
        "idle_leads",
        _("Open leads nobody does anything about"),
        36,
        lambda before: quiet_since(Lead.objects.open(), before),
        erase_quietly,
        _("The person is erased; the lead stays without them."),
    ),
    Term(
        "stopped_captures",
        _("Submissions that were stopped or failed"),
        3,
        lambda before: Capture.objects.filter(state__in=("stopped", "failed"), received_at__lt=before),
        _drop_capture,
        _("They are deleted."),
    ),
)

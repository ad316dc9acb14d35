"""Contacts as people."""

from datetime import datetime
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from core.privacy.registry import Holding
from core.privacy.retention import Term, erase_quietly, quiet_since
from core.references import references_to
from parties.models import Contact

HOLDINGS = (
    Holding(
        Contact,
        {
            **dict.fromkeys(("first_name", "job_title", "email", "phone", "mobile", "external_key"), ""),
            # Somebody nameless still stands on the documents that are kept.
            "last_name": Concat(Value("#"), Cast("id", CharField())),
            "custom": {},
            "tags": [],
        },
    ),
)


def _in_no_document(before: datetime) -> Any:
    """Contacts whom nothing points at: with business going on, or on documents, a person stays."""
    rows = Contact.objects.all()
    for reference in references_to(Contact):
        if not reference.kind and not reference.is_link_table:
            there = reference.model._base_manager.filter(**{reference.column: OuterRef("pk")})
            rows = rows.exclude(Exists(there))
    return quiet_since(rows, before)


TERMS = (
    Term(
        "idle_contacts",
        _("Contacts without any document, lead or case"),
        36,
        _in_no_document,
        erase_quietly,
        _("The person is erased; a nameless contact stays."),
    ),
)

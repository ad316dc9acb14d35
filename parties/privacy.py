"""Contacts as people."""

from django.db.models import CharField, Value
from django.db.models.functions import Cast, Concat

from core.privacy.registry import Holding
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

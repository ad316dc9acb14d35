"""The base of every record and document, and the rows the house itself keeps: threads, events, deliveries, files, numbers,
keys of programs and addresses of webhooks."""

from core.models.api import ApiAnswer, ApiToken
from core.models.deliveries import Delivery, DeliveryQuerySet, File, subjects_of_deliveries
from core.models.documents import Document, Line, Priced, Thread
from core.models.fields import CustomField, Tag
from core.models.imports import ImportMapping, ImportRow, ImportRun
from core.models.journal import Event, EventQuerySet, Series
from core.models.merging import LikelyPair, Merge
from core.models.privacy import Consent, DataAccess, Erasure, Purpose, PurposeText, RetentionRule, RetentionRun
from core.models.records import Record, Stateful
from core.models.views import SavedView, SavedViewQuerySet
from core.models.webhooks import Webhook

__all__ = [
    "ApiAnswer",
    "ApiToken",
    "Consent",
    "CustomField",
    "DataAccess",
    "Delivery",
    "DeliveryQuerySet",
    "Document",
    "Erasure",
    "Event",
    "EventQuerySet",
    "File",
    "ImportMapping",
    "ImportRow",
    "ImportRun",
    "LikelyPair",
    "Line",
    "Merge",
    "Priced",
    "Purpose",
    "PurposeText",
    "Record",
    "RetentionRule",
    "RetentionRun",
    "SavedView",
    "SavedViewQuerySet",
    "Series",
    "Stateful",
    "Tag",
    "Thread",
    "Webhook",
    "subjects_of_deliveries",
]

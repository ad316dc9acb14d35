"""The base of every record and document, and the rows the house itself keeps: threads, events, deliveries, files, numbers."""

from core.models.deliveries import Delivery, DeliveryQuerySet, File, subjects_of_deliveries
from core.models.documents import Document, Line, Priced, Thread
from core.models.journal import Event, EventQuerySet, Series
from core.models.records import Record, Stateful, search_index
from core.models.views import SavedView, SavedViewQuerySet

__all__ = [
    "Delivery",
    "DeliveryQuerySet",
    "Document",
    "Event",
    "EventQuerySet",
    "File",
    "Line",
    "Priced",
    "Record",
    "SavedView",
    "SavedViewQuerySet",
    "Series",
    "Stateful",
    "Thread",
    "search_index",
    "subjects_of_deliveries",
]

"""The REST API: every document and verb of the house as JSON, with the rights, filters, forms and services of the pages.

An app declares its documents in `<app>/api.py` (`class QuoteApi(DocumentApi)`), `zencrm/api.py` lists them. What may be done is
not said a second time here: a request goes through the page class that a browser would have used (`core/api/bridge.py`).
"""

from core.api.documents import DocumentApi
from core.api.routes import routes

__all__ = ["DocumentApi", "routes"]

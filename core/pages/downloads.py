"""Files as downloads: saved by the browser, never shown as a page of ours."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def download(name: str, content: bytes, *, mime: str = "application/octet-stream") -> HttpResponse:
    """The bytes under their name. Nobody on the way keeps them, and no browser guesses another type."""
    answer = HttpResponse(content, content_type=mime)
    answer["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer

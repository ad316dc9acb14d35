"""Pages that say how many people something is for: they come at once, and the count, which goes through all of them, after."""

from typing import Any

from django.http import HttpResponse

from core.pages import DetailPage


class AudienceDetail(DetailPage):
    """A record page with a part `audience` that the page fetches by itself, or has in it with `?panel=audience`."""

    #: A method of each page: (record) -> what the part shows.
    audience: Any

    def whole(self, record: Any) -> HttpResponse:
        return self.show_later("audience", lambda: self.context(record), lambda: self.audience(record))

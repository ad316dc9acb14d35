"""Pages that say how many people something is for: they come at once, and the count, which goes through all of them, after."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from core.pages import DetailPage


class AudienceDetail(DetailPage):
    """A record page with a part `audience` that the page fetches by itself, or has in it with `?panel=audience`."""

    #: A method of each page: (record) -> what the part shows.
    audience: Any

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.headers.get("HX-Target") == "audience":
            record = self.record()
            return self.show({"record": record} | self.audience(record), part="audience")
        return super().get(request, *args, **kwargs)

    def context(self, record: Any) -> dict[str, Any]:
        found = super().context(record)
        more = self.audience(record) if self.request.GET.get("panel") == "audience" else {"later": "audience"}
        return found | more

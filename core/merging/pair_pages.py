"""The list of likely duplicates, kind by kind: compare and merge, or say that they are two."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.merging.pages import merge_url
from core.merging.registry import Mergeable, kinds
from core.models import LikelyPair
from core.pages import Page
from core.pages.details import attribute

_PER_PAGE = 25
#: What tells two records apart, as far as their kind has it.
_FACTS = ("company", "city", "email", "phone", "mobile", "vat_number", "owner", "created_at")


class Duplicates(Page):
    """Pairs of which the user may see both, the most alike first."""

    permission = ""
    template_name = "core/duplicates.html"
    title = gettext_lazy("Duplicates")

    def get(self, request: HttpRequest) -> HttpResponse:
        mine = [kind for kind in kinds().values() if kind.allows(request.user)]
        if not mine:
            raise PermissionDenied
        kind = next((kind for kind in mine if kind.name == request.GET.get("kind")), mine[0])
        start = self.start()
        found = list(visible_pairs(kind, request.user)[start : start + _PER_PAGE + 1])
        address = f"?kind={kind.name}"
        context = {
            "tabs": [(str(capfirst(k.model._meta.verbose_name_plural)), f"?kind={k.name}", k is kind) for k in mine],
            "pairs": side_by_side(kind, found[:_PER_PAGE]),
            "here": f"{request.path}{address}",
            "next_url": f"{address}&start={start + _PER_PAGE}" if len(found) > _PER_PAGE else "",
            "first_url": address if start else "",
        }
        return self.show(context)

    def start(self) -> int:
        text = self.request.GET.get("start", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def visible_pairs(kind: Mergeable, user: Any) -> Any:
    """Pairs to judge whose records are both there, and both visible to the user."""
    seen = kind.model.objects.visible_to(user).values("pk")
    pairs = LikelyPair.objects.filter(kind=kind.name, dismissed_at=None, one__in=seen, other__in=seen)
    return pairs.order_by("-likeness", "pk")


def side_by_side(kind: Mergeable, pairs: list[LikelyPair]) -> list[dict[str, Any]]:
    """Each pair with what tells its records apart, and the addresses of what can be done."""
    names = {f.name for f in kind.model._meta.concrete_fields}
    facts = [name for name in _FACTS if name in names]
    links = [name for name in facts if kind.model._meta.get_field(name).is_relation]
    rows = kind.model._base_manager.select_related(*links) if links else kind.model._base_manager
    known = rows.in_bulk({pk for pair in pairs for pk in (pair.one, pair.other)})
    found = []
    for pair in pairs:
        both = [known[pair.one], known[pair.other]]
        shown = [(record, [attribute(record, name) for name in facts]) for record in both]
        found.append({"pair": pair, "why": kind.words(pair.why), "both": shown, "url": merge_url(*both)})
    return found


class DismissPair(Page):
    """These are two (POST only): the pair is not offered again, to nobody."""

    permission = ""
    http_method_names = ("post",)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        pair = self.fetch(LikelyPair.objects.filter(kind__in=kinds()), pk)
        kind = kinds()[pair.kind]
        if not kind.allows(request.user):
            raise PermissionDenied
        if not visible_pairs(kind, request.user).filter(pk=pair.pk).exists():
            raise Http404
        LikelyPair.objects.filter(pk=pair.pk).update(dismissed_by=request.user, dismissed_at=timezone.now())
        return self.go(
            f"{reverse('core:duplicates')}?kind={kind.name}", _("They are two: this pair is not shown again.")
        )

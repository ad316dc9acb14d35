"""One verb on many rows: each in its own transaction, with a count and a list of what was refused and why."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.lifecycle import Refused, Verb, verbs

#: What one request may do; more than this is a job.
MOST = 500
_SHOWN = 5


def acts(page: Any) -> list[Verb]:
    """The verbs this user may perform in bulk on this list."""
    known = verbs(page.model) if page.bulk_verbs else {}
    return [known[n] for n in page.bulk_verbs if n in known and page.request.user.has_perm(known[n].permission)]


def perform(page: Any) -> HttpResponse:
    """Perform the posted verb on the ticked rows, or on all rows of the filter."""
    request = page.request
    verb = next((v for v in page.bulk_acts if v.name == request.POST.get("verb")), None)
    if verb is None:
        if request.POST.get("verb") in page.bulk_verbs:
            raise PermissionDenied
        raise Http404
    rows = (
        page.narrowed() if request.POST.get("all") else page.queryset().filter(pk__in=_ids(request.POST.getlist("ids")))
    )
    records = list(rows.order_by("pk")[:MOST])
    refused = [text for record in records if (text := _one(record, verb.name, request.user))]
    done = len(records) - len(refused)
    if done:
        messages.success(request, ngettext("%(n)d done.", "%(n)d done.", done) % {"n": done})
    if refused:
        head = ngettext("%(n)d refused.", "%(n)d refused.", len(refused)) % {"n": len(refused)}
        messages.error(request, " ".join([head, *refused[:_SHOWN]]))
    if not records:
        messages.warning(request, _("Nothing was selected."))
    return HttpResponseRedirect(request.get_full_path())


def _ids(values: list[str]) -> list[int]:
    return [int(v) for v in values[:MOST] if v.isascii() and v.isdigit() and len(v) < 19]


def _one(record: Any, verb: str, user: Any) -> str:
    try:
        getattr(record, verb)(by=user)
    except Refused as refusal:
        return f"{record}: {refusal}"
    except PermissionDenied:
        return f"{record}: {_('You have no right to do this.')}"
    return ""

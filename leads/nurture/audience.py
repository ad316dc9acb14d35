"""Who is in a segment, who of them may be written to, and why the others are left out."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Lower
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import filters
from core.lifecycle import Refused
from core.models import Purpose
from core.pages.narrowing import Narrowing
from core.privacy.consent import consenting
from leads.filters import LeadFilter
from leads.models import Lead, Segment, Send
from leads.models.nurture import Kind
from parties.filters import ContactFilter
from parties.models import Contact

#: Why somebody is left out, in the order in which it is asked.
WHY = {
    "no_address": gettext_lazy("They have no e-mail address"),
    "no_consent": gettext_lazy("There is no valid consent to the purpose"),
    "bounced": gettext_lazy("Mail to their address comes back"),
    "same_address": gettext_lazy("Somebody else with the same address gets it"),
}


class _Leads(Narrowing):
    model = Lead
    filterset = LeadFilter


class _Contacts(Narrowing):
    model = Contact
    filterset = ContactFilter


LISTS: dict[str, type[Narrowing]] = {Kind.LEAD: _Leads, Kind.CONTACT: _Contacts}
#: What may stand in a segment's filter beside the filters themselves.
OWN = ("q", "or", "mine")
#: Parameters of a list's address that say how it is shown.
_LOOK = ("sort", "columns", "view", "panel", "after", "before", "kind", "name", "on")


def model_of(kind: str) -> Any:
    return LISTS[kind].model


def narrowed(kind: str, query: str, user: Any) -> Narrowing:
    """The list of people under this filter as `user` sees it."""
    request: Any = HttpRequest()
    request.method, request.user = "GET", user or AnonymousUser()
    page = LISTS[kind]()
    page.setup(request)
    page.params = QueryDict(query)
    return page


def rows_of(segment: Segment, user: Any) -> Any:
    """The people of a segment whom `user` may see.

    A filter that no longer makes sense (a field or a campaign is gone) is `Refused`: dropped, it would let everybody in.
    """
    page = narrowed(segment.kind, segment.query, user)
    if user is None:
        return page.model._base_manager.none()
    try:
        if problem := wrong(page):
            raise Refused(
                _("The filter of the segment “%(name)s”: %(problem)s") % {"name": segment, "problem": problem}
            )
        return page.narrowed()
    except PermissionDenied:
        return page.model._base_manager.none()


def taken_from(address: QueryDict, kind: str, user: Any) -> str:
    """The filter of a list's address, as a segment keeps it: what does not filter is left out, "mine" is said by name.

    A colleague who uses the segment would otherwise write to their own people instead.
    """
    query = address.copy()
    for name in _LOOK:
        query.pop(name, None)
    for name in [name for name, values in query.lists() if not any(values)]:
        del query[name]
    if query.get("mine") != "1":
        return query.urlencode()
    named = query.copy()
    del named["mine"]
    plain = filters.names_in(narrowed(kind, "", user).filters_here, named)
    if plain or not query.getlist("or"):  # else there are alternatives only, and a filter would be one more of them
        named["owner"] = str(user.pk)
    named.setlist("or", [f"{text}&owner={user.pk}" for text in query.getlist("or")])
    makes_sense = not query.get("owner") and not wrong(narrowed(kind, named.urlencode(), user))
    return (named if makes_sense else query).urlencode()


def wrong(page: Narrowing) -> str:
    """What of a filter makes no sense, "" where all of it does."""
    groups = [page.params, *(group for _text, group in filters.groups(page.filters_here, page.params))]
    known = set(readable(page))
    unknown = [name for group in groups for name in group if name not in known and name not in OWN]
    if unknown:
        return _("“%(name)s” is not known (any more).") % {"name": unknown[0][:60]}
    if len(groups) - 1 != len(page.params.getlist("or")):
        return _("An alternative asks for nothing.")
    return " ".join(page.problems)


def readable(page: Narrowing) -> list[str]:
    return filters.parameters(page.filters_here)


# --- Who may be written to ------------------------------------------------------------------------------------------------


@dataclass
class Judgement:
    """How many people there are, how many of them get a mail, and how many do not, by reason."""

    total: int = 0
    ready: int = 0
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """(reason in words, how many), those that occur."""
        return [(str(label), self.left_out[name]) for name, label in WHY.items() if self.left_out.get(name)]


def returned(emails: Any = None) -> Any:
    """Mails that came back, to any address or to these."""
    found = Send.objects.filter(bounced_at__isnull=False)
    return found if emails is None else found.filter(email__in=emails)


def reachable(rows: Any, purpose: Purpose) -> Any:
    """Those with an address that takes mail who agree to the purpose, in one set."""
    back = returned().filter(email=OuterRef("lower_email"))
    agreeing = consenting(rows.exclude(email=""), purpose)
    return agreeing.alias(lower_email=Lower("email")).exclude(Exists(back))


def ready_for(rows: Any, purposes: list[Purpose]) -> list[tuple[Purpose, int]]:
    """How many of the rows may be written to for each purpose: one query for all of them."""
    parts = [
        Purpose.objects.filter(pk=purpose.pk).values_list("pk", Coalesce(Subquery(_counted(rows, purpose)), 0))
        for purpose in purposes
    ]
    found = dict(parts[0].union(*parts[1:], all=True)) if parts else {}
    return [(purpose, found.get(purpose.pk, 0)) for purpose in purposes]


def _counted(rows: Any, purpose: Purpose) -> Any:
    """The number of those who may be written to, as a query of one row."""
    grouped = reachable(rows, purpose).order_by().annotate(all_of_them=Value(1)).values("all_of_them")
    return grouped.annotate(ready=Count("pk")).values("ready")


def judge(rows: Any, purpose: Purpose) -> Judgement:
    """Count a segment's people, as a mailing would take them now."""
    rows = rows.order_by()
    total, addressed = rows.count(), rows.exclude(email="").count()
    agreeing = consenting(rows.exclude(email=""), purpose).count()
    counted = reachable(rows, purpose).aggregate(n=Count("pk"), addresses=Count(Lower("email"), distinct=True))
    left_out = {
        "no_address": total - addressed,
        "no_consent": addressed - agreeing,
        "bounced": agreeing - counted["n"],
        "same_address": counted["n"] - counted["addresses"],
    }
    return Judgement(total, counted["addresses"], {name: n for name, n in left_out.items() if n})


def sort_out(people: Iterable[Any], purpose: Purpose, taken: set[str]) -> tuple[list[Any], dict[int, str]]:
    """(those who get a mail, {id: why the others do not}) of some people of one kind; their addresses are added to `taken`."""
    people = list(people)
    if not people:
        return [], {}
    rows = type(people[0])._base_manager.filter(pk__in=[person.pk for person in people])
    agreeing = set(consenting(rows, purpose).values_list("pk", flat=True))
    back = set(returned({person.email.lower() for person in people}).values_list("email", flat=True))
    ready, why = [], {}
    for person in people:
        email = person.email.lower()
        if reason := _why(person.pk, email, agreeing, back, taken):
            why[person.pk] = reason
        else:
            taken.add(email)
            ready.append(person)
    return ready, why


def _why(pk: int, email: str, agreeing: set[int], back: set[str], taken: set[str]) -> str:
    if not email:
        return "no_address"
    if pk not in agreeing:
        return "no_consent"
    if email in back:
        return "bounced"
    return "same_address" if email in taken else ""

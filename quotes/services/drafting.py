"""Making quotes: from an opportunity, as the next revision of one, and their lines."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Product
from core import access, history, numbering
from core.lifecycle import Reason, Refused
from core.money import line_net
from opportunities.models import Opportunity
from parties.models import CustomerSnapshot
from quotes.models import Quote, QuoteLine

SERIES = "PV"
MOST_LINES = 500
#: What the caller of `update_lines` may say about a line; product, price, cost and VAT have defaults from the catalogue.
FACTS = ("product", "description", "quantity", "unit", "unit_price", "discount", "vat_rate", "vat_nature")

history.register("quote.drafted", gettext_lazy("drafted the quote"))


def draft_quote(
    *,
    opportunity: Opportunity,
    by: access.Actor,
    title: str = "",
    lines: Iterable[dict[str, Any]] | None = None,
    **terms: Any,
) -> Quote:
    """A new quote for an opportunity, which thereby moves to its proposal.

    `lines` as for `update_lines`; `terms` are fields of the quote (valid_until, payment_days, introduction, notes). Raises
    `Refused` where the opportunity is not qualified yet or closed, `ValidationError` for bad facts.
    """
    _demand(by, "quotes.add_quote")
    with transaction.atomic(), history.acting(by):
        deal: Any = Opportunity._base_manager.select_for_update(of=("self",)).get(pk=opportunity.pk)
        _must_be_open(deal)
        if deal.state == Opportunity.State.QUALIFIED:
            deal.propose(by=by)
        quote = Quote(
            opportunity=deal,
            thread_id=deal.thread_id,
            owner=deal.owner or access.user_of(by),
            contact=deal.contact,
            title=title.strip() or deal.name,
            currency=deal.value.currency,
            **_customer(deal),
            **{"payment_days": deal.company.payment_days, **terms},
        )
        quote.number = numbering.next_number(SERIES, timezone.localdate().year)
        quote.full_clean()
        quote.save()
        update_lines(quote=quote, lines=lines or (), by=by)
        history.record("quote.drafted", quote, by=by, target=quote.state)
    return quote


def revise_quote(*, quote: Quote, by: access.Actor) -> Quote:
    """The next revision, a draft with the same lines; the one before it steps back and can no longer be accepted.

    The customer's data are taken anew, prices and costs stay. A revision of what the customer has seen is negotiation.
    """
    _demand(by, "quotes.add_quote")
    with transaction.atomic(), history.acting(by):
        was_seen = quote.sent_at is not None
        quote.revise(by=by)
        deal = quote.opportunity
        if was_seen and deal.state == Opportunity.State.PROPOSAL:
            deal.negotiate(by=by)
        kept = ("number", "opportunity_id", "contact_id", "thread_id", "owner_id", "title", "payment_days")
        texts = ("introduction", "notes", "currency", "net", "vat", "gross")
        new = Quote(
            revision=quote.revision + 1,
            revises=quote,
            **{name: getattr(quote, name) for name in (*kept, *texts)},
            **_customer(deal) | {"company": quote.company, "language": quote.language},
        )
        new.full_clean()
        new.save()
        QuoteLine.objects.bulk_create(QuoteLine(quote=new, **line.snapshot()) for line in quote.lines.all())
        history.record("quote.drafted", new, by=by, target=new.state, data={"revises": str(quote)})
    return new


def update_lines(*, quote: Quote, lines: Iterable[dict[str, Any]], by: access.Actor) -> Quote:
    """Give a draft exactly these lines, in this order, and its totals.

    Each line is a dict of `FACTS`, and `id` where it is a line the quote has already; `unit_cost` counts only from those who
    may see costs, else the line keeps its cost or takes the catalogue's. Raises `Refused` unless the quote is a draft,
    `ValidationError` naming the line for bad values.
    """
    wanted = list(lines)
    with transaction.atomic(), history.acting(by):
        locked = Quote._base_manager.select_for_update(of=("self",)).get(pk=quote.pk)
        if locked.state != Quote.State.DRAFT:
            state = {"state": locked.get_state_display()}
            raise Refused(_("The lines can no longer be changed while “%(state)s”.") % state)
        if len(wanted) > MOST_LINES:
            raise ValidationError(_("A quote has at most %(n)d lines.") % {"n": MOST_LINES})
        _write_lines(locked, wanted, costs=_sees_costs(by))
        locked.set_totals()
        locked.full_clean()
        locked.save(update_fields=["net", "vat", "gross", "currency", "updated_at"])
    for name in ("net", "vat", "gross", "updated_at"):
        setattr(quote, name, getattr(locked, name))
    quote.__dict__.pop("_prefetched_objects_cache", None)
    return quote


def _write_lines(quote: Quote, wanted: list[dict[str, Any]], *, costs: bool) -> None:
    present = {line.pk: line for line in quote.lines.all()}
    kept = set()
    for position, facts in enumerate(wanted, 1):
        line = present.get(facts.get("id") or 0) or QuoteLine(quote=quote)
        _fill(line, facts, position, costs=costs)
        line.save()
        kept.add(line.pk)
    quote.lines.exclude(pk__in=kept).delete()


def _fill(line: QuoteLine, facts: dict[str, Any], position: int, *, costs: bool) -> None:
    """Put facts on a line, the catalogue's where a new line or a changed product leaves them open; check it."""
    product: Product | None = facts.get("product")
    if product is not None and product.pk != line.product_id:
        for name, value in product.as_line().items():
            setattr(line, name, value)
    for name in FACTS:
        if facts.get(name) is not None:
            setattr(line, name, facts[name])
    if costs and facts.get("unit_cost") is not None:
        line.unit_cost = facts["unit_cost"]
    line.position = position
    try:
        line.clean_fields(exclude=["net"])
        line.net = line_net(quantity=line.quantity, unit_price=line.unit_price, discount=line.discount)
        line.full_clean(validate_unique=False)
    except ValidationError as error:
        place = _("Line %(n)d") % {"n": position}
        raise ValidationError([f"{place}: {text}" for text in error.messages]) from error


def _customer(deal: Opportunity) -> dict[str, Any]:
    """The customer as they are today; the person's language comes before the company's."""
    snapshot = CustomerSnapshot.snapshot_of(deal.company) | {"company": deal.company}
    return snapshot | ({"language": deal.contact.language} if deal.contact else {})


def _must_be_open(deal: Opportunity) -> None:
    if deal.state == Opportunity.State.IDENTIFIED:
        raise Refused(Reason(_("Qualify the opportunity first."), fix_url=deal.get_absolute_url()))
    if deal.state in (Opportunity.State.WON, Opportunity.State.LOST):
        raise Refused(_("The opportunity is closed: %(state)s.") % {"state": deal.get_state_display()})


def _sees_costs(by: access.Actor) -> bool:
    user = access.user_of(by)
    return access.can_see_costs(user) if user is not None else isinstance(by, access.Job)


def _demand(by: access.Actor, right: str) -> None:
    if not access.may(by, right):
        raise PermissionDenied(_("You have no right to do this."))

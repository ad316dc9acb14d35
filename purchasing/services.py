"""Steps of purchasing that touch more than the order: drafting one, and what it leaves of the project's budget."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, history
from core.lifecycle import Reason, Refused
from core.numbering import next_number
from parties.models import Company
from projects.models import Project
from projects.services import lock
from purchasing.models import PurchaseOrder, PurchaseOrderLine

history.register("purchaseorder.drafted", gettext_lazy("drafted the purchase order"))

Facts = Mapping[str, Any]


def order_goods(
    *,
    supplier: Company,
    title: str,
    by: access.Actor,
    project: Project | None = None,
    lines: Iterable[Facts] = (),
    ordered_on: date | None = None,
    deliver_by: date | None = None,
    notes: str = "",
) -> PurchaseOrder:
    """Draft an order to a supplier, in EUR; `lines` are the values of its lines, with or without a product.

    Raises `Refused` for a closed project.
    """
    if not access.may(by, "purchasing.add_purchaseorder"):
        raise PermissionDenied(_("You have no right to do this."))
    with transaction.atomic(), history.acting(by):
        if project is not None:
            project = _bookable(project)
        order = PurchaseOrder(
            supplier=supplier,
            project=project,
            thread=project.thread if project else None,
            owner=access.user_of(by),
            title=title.strip(),
            ordered_on=ordered_on or timezone.localdate(),
            deliver_by=deliver_by,
            notes=notes,
        )
        _keep(order, [PurchaseOrderLine(**{"position": place, **facts}) for place, facts in enumerate(lines, start=1)])
        history.record("purchaseorder.drafted", order, by=by)
    return order


def _bookable(project: Project) -> Project:
    """The project, locked; refused where nothing can be booked on it any more."""
    project = lock(project)
    if project.state not in Project.BOOKABLE:
        raise Refused(Reason(_("Nothing can be booked on a closed project."), project.get_absolute_url()))
    return project


def _keep(order: PurchaseOrder, lines: list[PurchaseOrderLine]) -> None:
    """Save a new draft with its number, its lines and their totals."""
    for line in lines:
        line.net = line.compute_net()
    order.set_totals(lines)
    order.full_clean(exclude=["thread"])
    order.number = next_number("OF", timezone.localdate().year)
    order.save()
    for line in lines:
        line.order = order
    PurchaseOrderLine.objects.bulk_create(lines)


def open_orders(project: Project) -> list[Reason]:
    """Why a project cannot close: orders that are neither received nor cancelled."""
    found = PurchaseOrder.objects.open().filter(project=project).order_by("number")
    return [
        Reason(_("Purchase order %(number)s is still open.") % {"number": order.number}, order.get_absolute_url())
        for order in found
    ]

"""What waits for whom: each role's queues on the home page, shown to those who may do the verb that empties them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from activities.models import Activity
from core import access, formats
from core.models import Delivery
from core.pages.columns import Column, bind, paths, table_body
from core.pages.counts import MOST, up_to_most
from customercare.models import Case
from invoicing.models import Invoice
from leads.models import Lead
from opportunities.models import Opportunity
from orders.models import Contract, SalesOrder
from people.models import Leave
from projects.models import Project
from purchasing.models import PurchaseOrder
from quotes.models import Quote

Rows = Callable[[Any, Any, date], Any]
#: Rows shown per queue; the rest is behind the link.
SHOWN = 6


@dataclass(frozen=True)
class Queue:
    """Records waiting for a verb. `rows(visible, user, today)` narrows what the user may see to what waits."""

    title: Any
    icon: str
    model: Any
    permission: str
    rows: Rows
    columns: Sequence[Column | str]
    empty: Any
    more: str = ""
    query: str = ""


@dataclass(frozen=True)
class Shown:
    """A queue as the page shows it; `count` is exact up to 99."""

    queue: Queue
    count: str
    heads: list[dict[str, Any]]
    body: SafeString
    url: str


COMPANY = Column("company__name", label=_("Company"), link="company")

QUEUES = (
    Queue(
        _("My activities"), "checklist", Activity, "activities.view_activity",
        lambda rows, user, today: rows.filter(owner=user).due_by(today).order_by("due_on"),
        ("due_on", Column("summary", link=True), "kind"),
        _("Nothing is due today."), "activities:my_day",
    ),
    Queue(
        _("Leads to take"), "user-search", Lead, "leads.take_lead",
        lambda rows, user, today: rows.filter(state="new").order_by(F("scored__score").desc(nulls_last=True), "-created_at"),
        (Column("company_name", link=True), "interest", "score", "created_at"),
        _("No new leads: every one is in somebody's hands."), "leads:lead_list", "state=new",
    ),
    Queue(
        _("My deals closing soon"), "target-arrow", Opportunity, "opportunities.win_opportunity",
        lambda rows, user, today: rows.open().filter(owner=user, expected_close__lte=today + timedelta(days=30)).order_by(
            "expected_close"
        ),
        (Column("name", link=True), COMPANY, "state", "value", "expected_close"),
        _("No deal of yours closes within a month."), "opportunities:opportunity_list",
    ),
    Queue(
        _("Quotes to approve"), "file-text", Quote, "quotes.approve_quote",
        lambda rows, user, today: rows.filter(state="pending_approval").order_by("created_at"),
        (Column("number", link=True), "customer_name", "net", "owner"),
        _("No quote waits for your approval."), "quotes:quote_list", "state=pending_approval",
    ),
    Queue(
        _("Orders to approve"), "shopping-cart", SalesOrder, "orders.approve_salesorder",
        lambda rows, user, today: rows.awaiting_approval().order_by("created_at"),
        (Column("number", link=True), "customer_name", "net", "validated_by"),
        _("No order waits for your approval."), "admin:orders_salesorder_changelist", "state__exact=validated",
    ),
    Queue(
        _("Quotes at the customer"), "send", Quote, "quotes.submit_quote",
        lambda rows, user, today: rows.out().filter(owner=user).order_by("valid_until"),
        (Column("number", link=True), "customer_name", "net", "valid_until"),
        _("No quote of yours is out."), "quotes:quote_list", "state=sent",
    ),
    Queue(
        _("Contracts ending soon"), "writing-sign", Contract, "orders.renew_contract",
        lambda rows, user, today: rows.ending_by(today + timedelta(days=90)).order_by("ends_on"),
        (Column("number", link=True), "customer_name", "net", "ends_on"),
        _("No contract ends within 90 days."), "orders:contract_list", "state=active",
    ),
    Queue(
        _("My projects"), "hammer", Project, "projects.start_project",
        lambda rows, user, today: rows.filter(owner=user, state__in=("planned", "in_progress", "on_hold")).order_by("ends_on"),
        (Column("number", link=True), "name", "state", Column("progress", kind="percent"), "ends_on"),
        _("No open project of yours."), "projects:project_list",
    ),
    Queue(
        _("Purchase orders to approve"), "truck-delivery", PurchaseOrder, "purchasing.approve_purchaseorder",
        lambda rows, user, today: rows.filter(state="draft").order_by("created_at"),
        (Column("number", link=True), Column("supplier__name", label=_("Supplier")), "title", "net"),
        _("No purchase order waits for approval."), "purchasing:purchaseorder_list", "state=draft",
    ),
    Queue(
        _("Goods to receive"), "package", PurchaseOrder, "purchasing.receive_purchaseorder",
        lambda rows, user, today: rows.filter(state="approved").order_by("deliver_by"),
        (Column("number", link=True), Column("supplier__name", label=_("Supplier")), "title", "deliver_by"),
        _("No delivery is on its way."), "purchasing:purchaseorder_list", "state=approved",
    ),
    Queue(
        _("Invoices to issue"), "file-invoice", Invoice, "invoicing.issue_invoice",
        lambda rows, user, today: rows.filter(state="draft").order_by("created_at"),
        (Column("title", link=True), "customer_name", "gross", "created_at"),
        _("No draft waits to be issued."), "invoicing:invoice_list", "state=draft",
    ),
    Queue(
        _("Overdue invoices"), "alert-triangle", Invoice, "invoicing.register_payment_invoice",
        lambda rows, user, today: rows.overdue(on=today).order_by("due_on"),
        (Column("number", link=True), "customer_name", "gross", "due_on"),
        _("No invoice is overdue."), "invoicing:invoice_list",
    ),
    Queue(
        _("Cases to take"), "lifebuoy", Case, "customercare.take_case",
        lambda rows, user, today: rows.filter(state="new").order_by("-priority", "created_at"),
        (Column("number", link=True), "title", COMPANY, "priority"),
        _("No case waits to be taken."), "customercare:case_list", "state=new",
    ),
    Queue(
        _("My open cases"), "lifebuoy", Case, "customercare.resolve_case",
        lambda rows, user, today: rows.open().filter(owner=user).order_by("-priority", "created_at"),
        (Column("number", link=True), "title", COMPANY, "state", "priority"),
        _("No open case of yours."), "customercare:case_list",
    ),
    Queue(
        _("Away this week"), "beach", Leave, "people.view_leave",
        lambda rows, user, today: rows.filter(starts_on__lte=today + timedelta(days=7), ends_on__gte=today).order_by("ends_on"),
        (Column("employee__last_name", label=_("Employee")), "kind", "starts_on", "ends_on"),
        _("Everybody is here this week."), "people:employee_list",
    ),
    Queue(
        _("New leads this month"), "speakerphone", Lead, "leads.change_campaign",
        lambda rows, user, today: rows.filter(created_at__date__gte=today - timedelta(days=30)).order_by("-created_at"),
        (Column("company_name", link=True), "source", "campaign", "state", "score"),
        _("No lead came in within 30 days."), "leads:lead_list",
    ),
    Queue(
        _("Failed deliveries"), "send", Delivery, "core.resend_delivery",
        lambda rows, user, today: rows.filter(state="failed").order_by("-created_at"),
        (Column("key", link=True), "channel", "attempts", "created_at"),
        _("Everything that left the house arrived."), "core:delivery_list", "state=failed",
    ),
)  # fmt: skip


def for_user(user: Any) -> list[Shown]:
    """The queues of this user, those with something in them first.

    All are counted in one query, and each takes one more.
    """
    today = timezone.localdate()
    queues = [queue for queue in QUEUES if user.has_perm(queue.permission)]
    waiting = [queue.rows(_visible(queue.model, user), user, today) for queue in queues]
    found = up_to_most(waiting)
    shown = [
        _show(queue, rows, user, found[place]) for place, (queue, rows) in enumerate(zip(queues, waiting, strict=True))
    ]
    return sorted(shown, key=lambda queue: queue.count == "0")


def _visible(model: Any, user: Any) -> Any:
    rows = model.objects
    return rows.visible_to(user) if hasattr(rows, "visible_to") else rows.all()


def _show(queue: Queue, rows: Any, user: Any, count: int) -> Shown:
    columns = bind(queue.columns, queue.model, formats.language(), costs=access.can_see_costs(user))
    found = list(rows.values_list(*paths(columns))[:SHOWN])
    heads = [{"label": column.label, "css": column.css} for column in columns]
    body = mark_safe(table_body(columns, found))  # noqa: S308 - cells are escaped
    return Shown(queue, formats.up_to(count, MOST), heads, body, _more(queue))


def _more(queue: Queue) -> str:
    try:
        url = reverse(queue.more) if queue.more else ""
    except NoReverseMatch:
        return ""
    return f"{url}?{queue.query}" if url and queue.query else url

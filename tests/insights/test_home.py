"""Home: each role sees its own queues, only rows it may see, in a constant number of queries."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from insights import queues
from tests.factories import InvoiceFactory, LeadFactory, OpportunityFactory, QuoteFactory

pytestmark = pytest.mark.django_db

EXPECTED = {
    "sales": {
        "My activities",
        "Leads to take",
        "My deals closing soon",
        "Quotes at the customer",
        "Contracts ending soon",
    },
    "accountant": {"My activities", "Invoices to issue", "Overdue invoices", "Failed deliveries"},
    "care": {"My activities", "Cases to take", "My open cases"},
    "buyer": {"My activities", "Purchase orders to approve", "Goods to receive"},
    "hr": {"My activities", "Away this week"},
    "nobody": set(),
}


@pytest.mark.parametrize("role", EXPECTED)
def test_each_role_has_its_queues(cast, role):
    with translation.override("en"):
        titles = {str(shown.queue.title) for shown in queues.for_user(getattr(cast, role))}
    assert titles == EXPECTED[role]


def test_manager_sees_approvals_and_the_forecast(cast, client_of):
    QuoteFactory(state="pending_approval", owner=cast.sales, customer_name="Tornerie Adda S.p.A.")
    page = client_of(cast.manager).get(reverse("home"))
    assert b"Tornerie Adda" in page.content
    assert b"Pipeline by month" in page.content
    assert b"Pipeline by month" not in client_of(cast.accountant).get("/").content, "who sees no deals has no forecast"


def test_a_queue_shows_nothing_the_user_may_not_see(cast):
    OpportunityFactory(owner=cast.sales2, name="Secret deal", expected_close=timezone.localdate())
    OpportunityFactory(owner=cast.sales, name="My deal", expected_close=timezone.localdate())
    bodies = "".join(shown.body for shown in queues.for_user(cast.sales))
    assert "My deal" in bodies
    assert "Secret deal" not in bodies


def test_overdue_invoices_wait_for_the_accountant(cast):
    InvoiceFactory(state="issued", due_on=timezone.localdate() - timedelta(days=3), customer_name="Late payer")
    InvoiceFactory(state="issued", due_on=timezone.localdate() + timedelta(days=3), customer_name="Not due")
    shown = next(s for s in queues.for_user(cast.accountant) if s.queue.icon == "alert-triangle")
    assert shown.count == "1"
    assert "Late payer" in shown.body


def test_queries_do_not_grow_with_rows(cast, client_of):
    client = client_of(cast.admin)
    LeadFactory.create_batch(3)
    client.get(reverse("home"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(reverse("home"))
    LeadFactory.create_batch(27)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("home"))
    assert len(many) == len(few) <= len(queues.QUEUES) + 6


def test_dashboard_needs_its_right_and_shows_figures(cast, client_of):
    InvoiceFactory(state="issued")
    url = reverse("insights:dashboard")
    assert client_of(cast.sales).get(url).status_code == 403
    page = client_of(cast.manager).get(url)
    assert page.status_code == 200
    assert "2,440.00" in page.content.decode()


def test_the_anonymous_are_sent_to_login(client):
    assert client.get("/").status_code == 302

"""Managers approve sales orders in the admin, over HTTP; refusals are messages, never errors."""

from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from core.models import Event
from orders.models import SalesOrderLine
from tests.factories import SalesOrderFactory, _force

pytestmark = pytest.mark.django_db

LIST = "/admin/orders/salesorder/"


def change(order):
    return reverse("admin:orders_salesorder_change", args=[order.pk])


def do(order, verb):
    return reverse("admin:orders_salesorder_do", args=[order.pk, verb])


def said(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.fixture
def waiting(cast):
    return SalesOrderFactory(state="validated", owner=cast.sales, validated_by=cast.sales)


def test_the_list_begins_with_what_awaits_approval_and_shows_the_margin(cast, client_of, waiting):
    draft = SalesOrderFactory()
    page = client_of(cast.manager).get(LIST).content.decode()
    assert waiting.number in page
    assert draft.number not in page
    assert "€800.00 (40.0" in page
    assert draft.number in client_of(cast.manager).get(LIST, {"queue": "all"}).content.decode()


def test_the_list_costs_the_same_for_more_rows(cast, client_of, django_assert_max_num_queries):
    for _n in range(6):
        SalesOrderFactory(state="validated", owner=cast.sales)
    client = client_of(cast.manager)
    client.get(LIST)
    with django_assert_max_num_queries(12):
        client.get(LIST)


def test_the_manager_approves_on_the_orders_page(cast, client_of, waiting):
    client = client_of(cast.manager)
    page = client.get(change(waiting)).content.decode()
    assert do(waiting, "approve") in page
    assert "Pompa 0" in page  # the lines
    assert "40.0" in page  # the margin
    answer = client.post(do(waiting, "approve"))
    assert answer.url == change(waiting)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.approved_by) == ("approved", cast.manager)
    assert Event.objects.about(waiting).first().actor_name == "Manager Test"
    after = client.get(change(waiting)).content.decode()
    assert "Manager Test" in after
    assert "approved the order" in after


def test_rejecting_asks_for_the_reason(cast, client_of, waiting):
    client = client_of(cast.manager)
    asked = client.get(do(waiting, "reject"))
    assert asked.status_code == 200
    assert 'name="reason"' in asked.content.decode()
    empty = client.post(do(waiting, "reject"), {"reason": ""})
    assert empty.status_code == 422
    client.post(do(waiting, "reject"), {"reason": "Margin <b>too</b> low"})
    waiting.refresh_from_db()
    assert waiting.state == "draft"
    assert Event.objects.about(waiting).first().data["reason"] == "Margin <b>too</b> low"
    page = client.get(change(waiting)).content.decode()
    assert "Margin &lt;b&gt;too&lt;/b&gt; low" in page


def test_many_are_approved_at_once_and_refusals_are_named(cast, client_of, waiting):
    own = SalesOrderFactory(state="validated", validated_by=cast.manager)
    draft = SalesOrderFactory()
    data = {"action": "do_approve", "_selected_action": [waiting.pk, own.pk, draft.pk]}
    answer = client_of(cast.manager).post(f"{LIST}?queue=all", data)
    words = " ".join(said(answer))
    assert own.number in words
    assert draft.number in words
    for order, state in ((waiting, "approved"), (own, "validated"), (draft, "draft")):
        order.refresh_from_db()
        assert order.state == state


def test_many_are_rejected_with_one_reason(cast, client_of, waiting):
    other = SalesOrderFactory(state="validated")
    client = client_of(cast.manager)
    data = {"action": "do_reject", "_selected_action": [waiting.pk, other.pk]}
    asked = client.post(LIST, data)
    assert asked.status_code == 200
    assert waiting.number in asked.content.decode()
    client.post(LIST, data | {"apply": "1", "reason": "Credit limit"})
    for order in (waiting, other):
        order.refresh_from_db()
        assert order.state == "draft"


def test_four_eyes_hold_in_the_admin_and_say_so(cast, client_of):
    own = SalesOrderFactory(state="validated", validated_by=cast.manager)
    answer = client_of(cast.manager).post(do(own, "approve"))
    own.refresh_from_db()
    assert own.state == "validated"
    assert "somebody else" in said(answer)[0]


@pytest.mark.parametrize("state", ["draft", "approved", "contracted", "fulfilled", "cancelled"])
def test_approving_from_any_other_state_is_a_message(cast, client_of, state):
    order = SalesOrderFactory(state=state)
    answer = client_of(cast.manager).post(do(order, "approve"))
    assert answer.status_code == 302
    assert said(answer)
    order.refresh_from_db()
    assert order.state == state


def test_unknown_verbs_and_jobs_verbs_do_not_exist(cast, client_of, waiting):
    client = client_of(cast.admin)
    assert client.get(do(waiting, "explode")).status_code == 404
    assert client.post(do(waiting, "fulfil")).status_code == 404
    assert client.get("/admin/orders/salesorder/999999/do/approve/").status_code == 302


@pytest.mark.parametrize("role", ["sales", "accountant", "pm", "care", "nobody"])
def test_others_cannot_enter(cast, client_of, waiting, role):
    client = client_of(getattr(cast, role))
    for url in (LIST, change(waiting), do(waiting, "approve")):
        assert client.get(url, follow=True).status_code == 403
    assert client.post(do(waiting, "approve"), follow=True).status_code == 403
    waiting.refresh_from_db()
    assert waiting.state == "validated"


def test_staff_without_the_right_are_told(cast, client_of, waiting):
    cast.sales.is_staff = True
    cast.sales.save()
    answer = client_of(cast.sales).post(do(waiting, "approve"))
    assert answer.status_code == 302
    assert said(answer) == ["You have no right to do this."]


def test_staff_without_the_right_to_costs_receive_none(cast, client_of, waiting):
    cast.sales.is_staff = True
    cast.sales.save()
    client = client_of(cast.sales)
    for url in (LIST, change(waiting)):
        page = client.get(url).content.decode()
        assert waiting.number in page
        assert "800.00" not in page
        assert "60.0000" not in page


def test_nothing_of_a_validated_order_can_be_typed(cast, client_of, waiting):
    client = client_of(cast.manager)
    page = client.get(change(waiting)).content.decode()
    assert 'name="title"' not in page
    assert 'name="lines-0-quantity"' not in page
    assert client.post(change(waiting), {"title": "x"}).status_code == 403


def test_a_draft_edited_in_the_admin_keeps_its_totals_and_its_author(cast, client_of):
    order = SalesOrderFactory(title="Old", line_count=1)
    line = order.lines.get()
    data = {
        "title": "New", "customer_name": order.customer_name, "owner": "", "ordered_on": "2026-03-01", "deliver_by": "",
        "payment_days": "30", "customer_reference": "", "cig": "", "cup": "", "notes": "",
        "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "1", "lines-MIN_NUM_FORMS": "0", "lines-MAX_NUM_FORMS": "1000",
        "lines-0-id": str(line.pk), "lines-0-order": str(order.pk), "lines-0-position": "0",
        "lines-0-description": "Pompa", "lines-0-quantity": "3", "lines-0-unit": "pz", "lines-0-unit_price": "100",
        "lines-0-discount": "0", "lines-0-vat_rate": "22", "lines-0-unit_cost": "60",
    }  # fmt: skip
    answer = client_of(cast.manager).post(change(order), data)
    assert answer.status_code == 302, answer.context["errors"]
    order.refresh_from_db()
    assert (order.title, order.net.amount, order.vat.amount) == ("New", Decimal(300), Decimal(66))
    assert SalesOrderLine.objects.get().net == Decimal(300)
    page = client_of(cast.manager).get(change(order)).content.decode()
    assert "Old → New" in page
    assert "unknown" not in page


def test_prices_keep_their_decimals_and_lose_idle_zeros(cast, client_of):
    order = SalesOrderFactory(line_count=0)
    SalesOrderLine.objects.create(order=order, description="Vite", quantity=1000, unit_price=Decimal("0.0125"))
    _force(order, "validated", {})
    page = client_of(cast.manager).get(change(order)).content.decode()
    assert "0.0125" in page
    assert "1000.000" not in page


def test_the_admin_speaks_italian(cast, client_of, waiting):
    cast.manager.language = "it"
    cast.manager.save()
    page = client_of(cast.manager).get(LIST).content.decode()
    assert "Ordini da approvare" in page
    for english in ("Type to search", "All applications", "Select action", "Apply Filters", "Awaiting approval"):
        assert english not in page

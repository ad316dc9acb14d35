"""The order's own life: validation with its reasons, four eyes, rejection, and what freezes."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from core import history
from core.lifecycle import Refused
from core.models import Event
from orders.models import SalesOrder
from tests.factories import CompanyFactory, ContactFactory, QuoteFactory, SalesOrderFactory

pytestmark = pytest.mark.django_db


def test_validation_names_what_the_customer_lacks_and_where_to_mend_it(cast):
    company = CompanyFactory(vat_number="", tax_code="", street="", city="")
    order = SalesOrderFactory(company=company)
    with pytest.raises(Refused) as refusal:
        order.validate(by=cast.sales)
    assert len(refusal.value.reasons) == 3
    assert {reason.fix_url for reason in refusal.value.reasons} == {company.edit_url}


def test_validation_takes_over_what_the_quote_did_not_know(cast):
    order = SalesOrderFactory(street="", city="Roma")
    order.validate(by=cast.sales)
    assert (order.street, order.city) == (order.company.street, "Roma")
    assert order.validated_by == cast.sales


def test_an_order_without_lines_is_refused(cast):
    with pytest.raises(Refused):
        SalesOrderFactory(line_count=0).validate(by=cast.sales)


def test_whoever_validated_does_not_approve(cast):
    order = SalesOrderFactory()
    order.validate(by=cast.manager)
    with pytest.raises(Refused):
        order.approve(by=cast.manager)
    order.approve(by=cast.admin)
    assert (order.state, order.approved_by) == ("approved", cast.admin)


def test_a_rejected_order_can_be_changed_again_and_keeps_the_reason(cast, client_of):
    order = SalesOrderFactory(state="validated", owner=cast.sales, validated_by=cast.sales)
    client_of(cast.manager).post(order.act_url("reject"), {"reason": "Margin too low"})
    order.refresh_from_db()
    assert (order.state, order.validated_by, order.is_editable) == ("draft", None, True)
    assert Event.objects.about(order).first().data == {"reason": "Margin too low"}


def test_an_approved_order_is_frozen_for_everybody(cast):
    order = SalesOrderFactory(state="approved")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_salesorder SET title = 'x' WHERE id = %s", [order.pk])
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE orders_salesorderline SET quantity = 1000 WHERE order_id = %s", [order.pk])


@pytest.fixture
def page_of(client_of):
    def get(user, order, path=""):
        return client_of(user).get(f"{order.get_absolute_url()}{path}")

    return get


def test_pages_of_an_order(cast, client_of, page_of):
    order = SalesOrderFactory(owner=cast.sales)
    for url in ("/orders/", "/orders/board/", "/orders/?state=validated", order.get_absolute_url(), order.edit_url):
        assert client_of(cast.sales).get(url).status_code == 200, url
    assert page_of(cast.sales2, order).status_code == 404
    assert page_of(cast.hr, order).status_code == 403


def test_sales_receive_no_costs(cast, client_of, page_of):
    order = SalesOrderFactory(owner=cast.sales)
    seen = page_of(cast.sales, order).content.decode()
    assert "1,000.00" in seen
    assert "Margin" not in seen
    assert "60.00" not in seen
    manager = page_of(cast.manager, order).content.decode()
    assert "Margin" in manager
    assert "€800.00" in manager


def test_a_draft_is_edited_by_its_owner(cast, client_of):
    order = SalesOrderFactory(owner=cast.sales)
    form = {"title": "Linea 2", "ordered_on": "2026-03-02", "payment_days": "60", "cig": "z0a1b2c3d4"}
    answer = client_of(cast.sales).post(order.edit_url, form)
    assert answer.status_code == 302
    order.refresh_from_db()
    assert (order.title, order.cig, order.payment_days) == ("Linea 2", "Z0A1B2C3D4", 60)


@pytest.mark.parametrize(
    ("field", "value"),
    [("cig", "12"), ("cup", "x"), ("deliver_by", "2020-01-01"), ("deliver_by", "tomorrow"), ("payment_days", "-1"),
     ("payment_days", "9" * 30), ("title", ""), ("title", "x" * 300), ("ordered_on", "0000-00-00")],
)  # fmt: skip
def test_bad_input_is_named_beside_its_field_and_kept(cast, client_of, field, value):
    order = SalesOrderFactory(owner=cast.sales)
    form = {"title": "Linea <2>", "ordered_on": "2026-03-02", "payment_days": "60", field: value}
    answer = client_of(cast.sales).post(order.edit_url, form)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert answer.context["form"][field].value() == value


def test_the_contact_is_one_of_the_customers(cast, client_of):
    order = SalesOrderFactory(owner=cast.sales)
    form = {"title": "x", "ordered_on": "2026-03-02", "payment_days": "60"}
    stranger, contact = ContactFactory(), ContactFactory(company=order.company)
    answer = client_of(cast.sales).post(order.edit_url, form | {"contact": stranger.pk})
    assert "contact" in answer.context["form"].errors
    assert client_of(cast.sales).post(order.edit_url, form | {"contact": contact.pk}).status_code == 302
    order.refresh_from_db()
    assert order.contact == contact


def test_a_validated_order_is_not_edited(cast, client_of):
    order = SalesOrderFactory(owner=cast.sales, state="validated")
    answer = client_of(cast.sales).post(order.edit_url, {"title": "x", "ordered_on": "2026-01-01", "payment_days": "1"})
    assert answer.status_code == 409
    assert SalesOrder.objects.get(pk=order.pk).title == order.title


def test_the_list_shows_one_row_more_at_no_further_query(cast, client_of, django_assert_max_num_queries):
    for _n in range(12):
        SalesOrderFactory(owner=cast.sales)
    client = client_of(cast.sales)
    with django_assert_max_num_queries(10):
        client.get("/orders/")


def test_the_record_page_keeps_to_its_budget(cast, client_of, django_assert_max_num_queries):
    order = SalesOrderFactory(owner=cast.sales, quote=QuoteFactory(state="accepted", owner=cast.sales))
    client = client_of(cast.manager)
    client.get(order.get_absolute_url())
    with django_assert_max_num_queries(15):
        client.get(order.get_absolute_url())


def test_edits_are_told_as_people_read_them(cast):
    order = SalesOrderFactory(title="Old", deliver_by=date(2026, 3, 1))
    with history.acting(cast.sales):
        order.title, order.deliver_by, order.net = "New", date(2026, 12, 24), Decimal("1234.5")
        order.save()
    order.validate(by=cast.sales)
    order.approve(by=cast.admin)
    details = [line for entry in history.timeline(order, cast.sales, kinds=["edit"]) for line in entry.details]
    told = {label: new for label, _old, new in details}
    assert (told["title"], told["deliver by"], told["net"]) == ("New", "24\u00a0Dec\u00a02026", "€1,234.50")
    assert "+00:00" not in told["approved"]
    assert told["approved by"] == "Admin Test"


def test_what_an_act_changes_stands_under_the_act(cast):
    order = SalesOrderFactory(owner=cast.sales)
    with history.acting(cast.sales):
        order.title = "New"
        order.save()
    order.validate(by=cast.sales)
    order.approve(by=cast.admin)
    approved, validated, edited = history.timeline(order, cast.sales)[:3]
    assert (approved.kind, validated.kind, edited.kind) == ("act", "act", "edit")
    assert {label: new for label, _old, new in approved.details}["approved by"] == "Admin Test"
    assert [label for label, _old, _new in edited.details] == ["title"]

"""Pages of purchase orders: draft with lines, the budget before saving, rights, verbs."""

import re
from datetime import date
from decimal import Decimal

import pytest

from purchasing.models import PurchaseOrder
from tests.factories import CompanyFactory, ProductFactory, ProjectFactory, PurchaseOrderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(cast):
    found = ProjectFactory(state="in_progress", owner=cast.pm)
    found.book(kind="budget", on=date(2026, 1, 1), description="Budget", amount=Decimal(1000), source=found.contract)
    return found


@pytest.fixture
def supplier():
    return CompanyFactory(is_supplier=True)


def typed(supplier, project, *lines, **more):
    data = {"supplier": supplier.pk, "project": project.pk if project else "", "title": "Motors", "notes": ""}
    data |= {"ordered_on": "2026-03-10", "deliver_by": "", "lines-TOTAL_FORMS": len(lines), "lines-INITIAL_FORMS": 0}
    for n, (description, quantity, price) in enumerate(lines):
        row = {"description": description, "quantity": quantity, "unit_price": price, "unit": "pz", "discount": "0"}
        data |= {f"lines-{n}-{key}": value for key, value in {**row, "vat_rate": "22", "ORDER": n + 1}.items()}
    return data | more


def test_an_order_is_written_with_its_lines(project, supplier, cast, client_of):
    client = client_of(cast.buyer)
    data = typed(supplier, project, ("Motor", "2", "150.00"), ("Cable", "10", "1.5"))
    answer = client.post("/purchases/new/", data)
    order = PurchaseOrder.objects.get()
    assert (answer.status_code, answer.url) == (302, order.get_absolute_url())
    assert [line.description for line in order.lines.all()] == ["Motor", "Cable"]
    assert (order.net.amount, order.owner, order.thread_id) == (Decimal(315), cast.buyer, project.thread_id)
    text = client.get(order.get_absolute_url()).content.decode()
    assert "€315.00" in text
    assert "€685.00" in text  # what the project has left after it


def test_what_is_left_of_the_budget_is_told_before_saving(project, supplier, cast, client_of):
    PurchaseOrderFactory(project=project, line_count=0, net=700)
    PurchaseOrder.objects.update(net=700)
    data = typed(supplier, project, ("Motor", "1", "400.00"), _budget="1")
    text = client_of(cast.buyer).post("/purchases/new/", data).content.decode()
    assert "€300.00" in text
    assert re.search(r'<dd class="text-danger">\s*-€100\.00', text)
    assert PurchaseOrder.objects.count() == 1


def test_without_a_project_there_is_no_budget(supplier, cast, client_of):
    data = typed(supplier, None, ("Motor", "1", "400.00"), _budget="1")
    assert client_of(cast.buyer).post("/purchases/new/", data).content.decode().strip() == ""


def test_a_chosen_product_brings_its_cost_as_price(supplier, cast, client_of):
    product = ProductFactory(name="Pump", list_price=100, cost=60)
    data = typed(supplier, None, ("", "1", ""), _row="0") | {"lines-0-product": product.pk}
    text = client_of(cast.buyer).post("/purchases/new/", data).content.decode()
    assert "Pump" in text
    assert 'value="60' in text


def test_errors_keep_what_was_typed(project, supplier, cast, client_of):
    data = typed(supplier, project, ("Motor", "x", "400.00"), deliver_by="2026-01-01")
    answer = client_of(cast.buyer).post("/purchases/new/", data)
    assert answer.status_code == 422
    assert "deliver_by" in answer.context["form"].errors
    assert "Motor" in answer.content.decode()
    assert not PurchaseOrder.objects.exists()


def test_customers_and_closed_projects_are_not_offered(cast, client_of, supplier):
    closed = ProjectFactory(state="closed")
    client = client_of(cast.buyer)
    assert client.post("/purchases/new/", typed(CompanyFactory(), None, ("Motor", "1", "4"))).status_code == 422
    assert client.post("/purchases/new/", typed(supplier, closed, ("Motor", "1", "4"))).status_code == 422


def test_from_the_project_to_a_new_order_for_it(project, cast, client_of):
    client = client_of(cast.buyer)
    answer = client.get(f"/purchases/from-project/{project.pk}/")
    assert answer.url == f"/purchases/new/?project={project.pk}"
    text = client.get(answer.url).content.decode()
    assert f'value="{project.pk}" selected' in text
    assert "€1,000.00" in text
    modal = client.get(f"/purchases/from-project/{project.pk}/", headers={"HX-Request": "true"})
    assert modal.headers["HX-Redirect"] == answer.url


def test_a_draft_is_changed_an_approved_order_is_not(project, supplier, cast, client_of):
    client = client_of(cast.buyer)
    client.post("/purchases/new/", typed(supplier, project, ("Motor", "1", "400.00")))
    order = PurchaseOrder.objects.get()
    line = order.lines.get()
    data = typed(supplier, project, ("Motor", "3", "100.00")) | {"lines-INITIAL_FORMS": 1, "lines-0-id": line.pk}
    url = f"/purchases/{order.pk}/edit/"
    assert client.post(url, data).status_code == 302
    order.refresh_from_db()
    assert order.net.amount == 300
    assert client.post(f"/purchases/{order.pk}/do/approve/").status_code == 302
    assert client.get(url).status_code == 409
    assert client.post(url, data).status_code == 409
    assert client.post(f"/purchases/{order.pk}/do/receive/").status_code == 302
    assert project.totals_by_kind()["cost"] == 300


def test_rights(project, cast, client_of):
    order = PurchaseOrderFactory(project=project)
    url = order.get_absolute_url()
    seen = {who: client_of(getattr(cast, who)).get(url).status_code for who in vars(cast)}
    allowed = {"pm", "buyer", "accountant", "manager", "admin"}
    assert seen == {who: 200 if who in allowed else 403 for who in seen}
    assert client_of(cast.pm).post(f"/purchases/{order.pk}/do/approve/").status_code == 403
    assert client_of(cast.accountant).get("/purchases/new/").status_code == 403


def test_lists_and_board_open(project, cast, client_of):
    PurchaseOrderFactory(project=project)
    client = client_of(cast.buyer)
    for url in ("/purchases/", "/purchases/board/", f"/purchases/?project={project.pk}&state=draft"):
        assert client.get(url).status_code == 200

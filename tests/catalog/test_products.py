"""Products: prices and VAT, and costs that only some may know, in every channel."""

from decimal import Decimal

import pytest

from catalog.models import Product
from catalog.resources import ProductResource
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def typed(**changes):
    return {
        "code": "P-1",
        "name": "Pompa",
        "kind": "goods",
        "unit": "pz",
        "list_price": "100",
        "vat_rate": "22",
        "is_active": "on",
        **changes,
    }


def test_a_buyer_makes_a_product_with_its_cost(cast, client_of):
    answer = client_of(cast.buyer).post("/products/new/", typed(cost="61.50"))
    assert answer.status_code == 302
    product = Product.objects.get()
    assert (product.list_price.amount, product.cost.amount) == (Decimal(100), Decimal("61.50"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"list_price": "-1"}, "list_price"),
        ({"list_price": "abc"}, "list_price"),
        ({"list_price": "99999999999999999"}, "list_price"),
        ({"cost": "-5"}, "cost"),
        ({"vat_rate": "0"}, "vat_nature"),
        ({"vat_nature": "N4"}, "vat_nature"),
        ({"vat_rate": "101"}, "vat_rate"),
        ({"code": ""}, "code"),
        ({"kind": "nonsense"}, "kind"),
    ],
)
def test_a_wrong_value_is_named_beside_its_field(cast, client_of, changes, field):
    answer = client_of(cast.buyer).post("/products/new/", typed(**{"cost": "1", **changes}))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Product.objects.exists()


def test_a_code_occurs_once(cast, client_of):
    ProductFactory(code="P-1")
    answer = client_of(cast.buyer).post("/products/new/", typed(cost="1"))
    assert answer.status_code == 422
    assert "code" in answer.context["form"].errors


def test_costs_are_given_only_to_those_who_may_see_them(cast, client_of):
    product = ProductFactory(list_price="1234.00", cost="987.65")
    for user, sees in ((cast.sales, False), (cast.buyer, True)):
        client = client_of(user)
        exported = b"".join(client.get("/products/export/?format=csv").streaming_content).decode()
        pages = [client.get("/products/").text, client.get(product.get_absolute_url()).text, exported]
        assert [("987.65" in page) for page in pages] == [sees] * 3
    heads = client_of(cast.sales).get("/products/?sort=cost").context["heads"]
    assert "Cost" not in [head.label for head in heads]


def test_an_edit_by_somebody_without_costs_keeps_the_cost(cast, client_of):
    from django.contrib.auth.models import Group, Permission

    from tests.factories import UserFactory

    product = ProductFactory(cost="60")
    clerk, group = UserFactory(), Group.objects.create(name="clerk")
    group.permissions.set(Permission.objects.filter(codename__in=("view_product", "change_product")))
    clerk.groups.add(group)
    client = client_of(clerk)
    assert "id_cost" not in client.get(product.edit_url).text
    assert client.post(product.edit_url, typed(code=product.code, list_price="120", cost="1")).status_code == 302
    product.refresh_from_db()
    assert (product.list_price.amount, product.cost.amount) == (Decimal(120), Decimal(60))
    page = client.get(product.get_absolute_url()).text
    assert "100.00" in page  # the edit of the price is told


def test_an_old_cost_is_not_told_in_the_timeline_either(cast, client_of):
    product = ProductFactory(cost="987.65")
    product.cost = Decimal("1.23")
    product.save()
    assert "987.65" not in client_of(cast.sales).get(product.get_absolute_url()).text
    assert "987.65" in client_of(cast.buyer).get(product.get_absolute_url()).text


def test_the_resource_leaves_costs_out_for_those_without_the_right(cast):
    ProductFactory()
    assert "cost" not in ProductResource(user=cast.sales).export().headers
    assert "cost" in ProductResource(user=cast.buyer).export().headers


def test_rights(cast, client_of):
    product = ProductFactory()
    assert client_of(cast.nobody).get("/products/").status_code == 403
    assert client_of(cast.sales).get(product.edit_url).status_code == 403
    assert client_of(cast.sales).post("/products/new/", typed()).status_code == 403
    assert client_of(cast.sales).get("/products/12345/").status_code == 404


def test_what_is_exported_can_be_imported_again(cast):
    ProductFactory.create_batch(3, cost="12.34")
    data = ProductResource(user=cast.admin).export()
    result = ProductResource(user=cast.admin, by=cast.admin).import_data(data, use_transactions=False)
    assert [row.import_type for row in result.rows] == ["skip"] * 3

"""The UBL order: valid against the official schema, equal to the order to the cent, for hostile text too."""

import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from core import identity
from orders import ubl, units
from orders.models import SalesOrderLine
from tests.factories import ContactFactory, ProductFactory, SalesOrderFactory

pytestmark = pytest.mark.django_db

NS = {"cac": ubl.CAC, "cbc": ubl.CBC, "o": ubl.ORDER}
SCHEMA = Path(__file__).parent.parent / "data" / "ubl-2.1" / "UBL-Order-2.1-xsd.zip"


@pytest.fixture(scope="session")
def schema(tmp_path_factory):
    """The official XSD of UBL 2.1 `Order`, with what it imports."""
    folder = tmp_path_factory.mktemp("ubl")
    with zipfile.ZipFile(SCHEMA) as archive:
        archive.extractall(folder)
    return etree.XMLSchema(etree.parse(folder / "maindoc" / "UBL-Order-2.1.xsd"))


@pytest.fixture
def own(settings):
    settings.COMPANY = identity.Company(
        name="Aurora Impianti S.r.l.", street="Via Emilia 1", postcode="40100", city="Bologna", province="BO",
        vat_number="08341570151", tax_code="08341570151", email="info@aurora.example",
    )  # fmt: skip
    return settings.COMPANY


def order_with(*lines, **kwargs):
    order = SalesOrderFactory(line_count=0, **kwargs)
    for position, line in enumerate(lines):
        SalesOrderLine.objects.create(order=order, position=position, **{"description": "Pompa", **line})
    order.set_totals()
    order.save()
    return order


def find(root, path):
    return root.findtext(path, namespaces=NS)


def parsed(order, schema):
    root = etree.fromstring(ubl.document(order))
    schema.assertValid(root)
    return root


def test_a_full_order_is_valid_and_complete(schema, own):
    order = order_with(
        {"product": ProductFactory(code="P-77"), "quantity": Decimal("2.5"), "unit": "h", "unit_price": Decimal("80")},
        {"quantity": 3, "unit": "pz", "unit_price": Decimal("19.9950"), "discount": Decimal("7.5"), "vat_rate": 10},
        {"quantity": 1, "unit": "corpo", "unit_price": 500, "vat_rate": 0, "vat_nature": "N3.2"},
        customer_reference="PO 4711", cig="Z0A1B2C3D4", cup="J31J05000380001", deliver_by="2026-12-24",
        notes="Consegna al mattino", contact=ContactFactory(), street="Via Roma 1", city="Milano",
        province="MI", customer_vat_number="00743110157",
    )  # fmt: skip
    order.refresh_from_db()
    root = parsed(order, schema)
    assert find(root, "cbc:ID") == order.number
    assert find(root, "cbc:DocumentCurrencyCode") == "EUR"
    buyer_vat = find(root, "cac:BuyerCustomerParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID")
    assert buyer_vat == "IT00743110157"
    assert find(root, "cac:SellerSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName") == own.name
    codes = [q.get("unitCode") for q in root.iterfind(".//cbc:Quantity", NS)]
    assert codes == ["HUR", "H87", "LS"]
    categories = [c.findtext("cbc:ID", namespaces=NS) for c in root.iterfind(".//cac:ClassifiedTaxCategory", NS)]
    assert categories == ["S", "S", "K"]
    assert find(root, ".//cac:SellersItemIdentification/cbc:ID") == "P-77"
    assert find(root, "cac:OriginatorDocumentReference/cbc:ID") == "Z0A1B2C3D4"


def test_a_bare_order_is_valid_too(schema, own):
    parsed(SalesOrderFactory(customer_vat_number="", street="", city=""), schema)


def test_hostile_text_stays_text(schema, own):
    order = order_with(
        {"description": "]]><evil/>&\x0b\U0001f600", "quantity": 1, "unit_price": 1},
        title="<x>", customer_name="A & B <script>",
    )  # fmt: skip
    root = parsed(order, schema)
    assert find(root, ".//cac:BuyerCustomerParty//cbc:Name") == "A & B <script>"
    assert "]]><evil/>&" in find(root, ".//cac:Item/cbc:Description")


AMOUNT = st.decimals(min_value=0, max_value=Decimal("99999.9999"), places=4)
LINE = st.fixed_dictionaries(
    {
        "quantity": st.decimals(min_value=Decimal("0.001"), max_value=Decimal("9999.999"), places=3),
        "unit_price": AMOUNT,
        "discount": st.decimals(min_value=0, max_value=100, places=2),
        "vat_rate": st.sampled_from([Decimal(22), Decimal(10), Decimal(4)]),
        "unit": st.sampled_from(["pz", "h", "kg", "scatola"]),
    }
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINE, min_size=1, max_size=6))
def test_totals_equal_the_order_to_the_cent(schema, own, lines):
    order = order_with(*lines)
    root = parsed(order, schema)
    amounts = [Decimal(e.text) for e in root.iterfind(".//cac:LineItem/cbc:LineExtensionAmount", NS)]
    assert sum(amounts) == order.net.amount
    assert Decimal(find(root, "cac:TaxTotal/cbc:TaxAmount")) == order.vat.amount
    subtotals = [Decimal(e.text) for e in root.iterfind("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount", NS)]
    assert sum(subtotals) == order.vat.amount
    assert Decimal(find(root, "cac:AnticipatedMonetaryTotal/cbc:PayableAmount")) == order.gross.amount
    for item in root.iterfind(".//cac:LineItem", NS):
        quantity = Decimal(find(item, "cbc:Quantity"))
        price = Decimal(find(item, "cac:Price/cbc:PriceAmount"))
        allowance = Decimal(find(item, "cac:AllowanceCharge/cbc:Amount") or 0)
        net = Decimal(find(item, "cbc:LineExtensionAmount"))
        assert abs(quantity * price - allowance - net) <= Decimal("0.005")


def test_the_same_order_gives_the_same_bytes(own):
    order = SalesOrderFactory()
    assert ubl.document(order) == ubl.document(order)


def test_no_costs_leave_the_house(own):
    order = order_with({"quantity": 1, "unit_price": 100, "unit_cost": Decimal("61.37")})
    assert b"61.37" not in ubl.document(order)


@pytest.mark.parametrize(
    ("unit", "code"), [("pz", "H87"), ("Ore", "HUR"), ("gg.", "DAY"), ("kg", "KGM"), ("xyz", "C62")]
)
def test_units_have_codes(unit, code):
    assert units.unit_code(unit) == code

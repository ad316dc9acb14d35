"""A sales order as a UBL 2.1 `Order` document (OASIS Standard, 4 November 2013), the customer as buyer and us as seller.

Element order and cardinality follow UBL-Order-2.1.xsd; codes follow UN/ECE Recommendation 20 (units), UNCL 5305 (VAT
categories) and ISO 4217, 3166. Amounts are the order's own: the document adds up to the cent.
"""

import re
from decimal import Decimal
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from core import identity, money
from orders.models import SalesOrder
from orders.units import unit_code

ORDER = "urn:oasis:names:specification:ubl:schema:xsd:Order-2"
CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"

_root = ElementMaker(namespace=ORDER, nsmap={None: ORDER, "cac": CAC, "cbc": CBC})
_cac = ElementMaker(namespace=CAC)
_cbc = ElementMaker(namespace=CBC)

#: FatturaPA natures as VAT categories of UNCL 5305.
_CATEGORIES = {"N1": "O", "N2": "O", "N3.1": "G", "N3.2": "K", "N3": "Z", "N4": "E", "N5": "E", "N6": "AE", "N7": "O"}
#: What XML 1.0 cannot hold.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def document(order: SalesOrder) -> bytes:
    """The order as XML in UTF-8; the same bytes for the same order."""
    lines = list(order.lines.select_related("product"))
    totals = money.totals(lines)
    parts = [*_head(order, len(lines)), *_parties(order), *_terms(order), *_totals(order, totals)]
    parts += [_line(order, number, line) for number, line in enumerate(lines, start=1)]
    tree = _root("Order", *(part for part in parts if part is not None))
    etree.cleanup_namespaces(tree, keep_ns_prefixes=["cac", "cbc"])
    return etree.tostring(tree, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def category(rate: Decimal, nature: str) -> str:
    """The VAT category (UNCL 5305) of a rate or, at zero, a nature."""
    if rate:
        return "S"
    return _CATEGORIES.get(nature) or _CATEGORIES.get(nature.partition(".")[0]) or "Z"


# --- Parts, in the order of the schema ------------------------------------------------------------------------------------


def _head(order: SalesOrder, line_count: int) -> list[Any]:
    return [
        _text("UBLVersionID", "2.1"),
        _text("ID", order.number),
        _text("IssueDate", order.ordered_on.isoformat()),
        _text("Note", order.notes),
        _text("DocumentCurrencyCode", str(order.currency)),
        _text("CustomerReference", order.customer_reference),
        _text("LineCountNumeric", str(line_count)),
        _reference("QuotationDocumentReference", str(order.quote)),
        _reference("OriginatorDocumentReference", order.cig),
        _reference("AdditionalDocumentReference", order.cup, "CUP"),
    ]


def _parties(order: SalesOrder) -> list[Any]:
    own = identity.own()
    buyer = _party(
        name=order.customer_name,
        street=order.street,
        city=order.city,
        postcode=order.postcode,
        province=order.province,
        country=order.country,
        vat_number=order.customer_vat_number,
        tax_code=order.customer_tax_code,
        email=order.contact.email if order.contact else "",
        person=str(order.contact) if order.contact else "",
    )
    seller = _party(
        name=own.name,
        street=own.street,
        city=own.city,
        postcode=own.postcode,
        province=own.province,
        country=own.country,
        vat_number=own.vat_number,
        tax_code=own.tax_code,
        email=own.email,
        person=str(order.owner) if order.owner else "",
    )
    return [_cac("BuyerCustomerParty", buyer), _cac("SellerSupplierParty", seller)]


def _party(
    *,
    name: str,
    street: str,
    city: str,
    postcode: str,
    province: str,
    country: str,
    vat_number: str,
    tax_code: str,
    email: str,
    person: str,
) -> Any:
    address = _some(
        "PostalAddress",
        _text("StreetName", street),
        _text("CityName", city),
        _text("PostalZone", postcode),
        _text("CountrySubentity", province),
        _some("Country", _text("IdentificationCode", country)),
    )
    vat = _prefixed(vat_number, country)
    tax = _cac("PartyTaxScheme", _text("CompanyID", vat), _vat_scheme()) if vat else None
    legal = _some("PartyLegalEntity", _text("RegistrationName", name), _text("CompanyID", tax_code))
    contact = _some("Contact", _text("Name", person), _text("ElectronicMail", email))
    return _some("Party", _some("PartyName", _text("Name", name)), address, tax, legal, contact)


def _terms(order: SalesOrder) -> list[Any]:
    delivery = None
    if order.deliver_by:
        delivery = _cac("Delivery", _cac("RequestedDeliveryPeriod", _text("EndDate", order.deliver_by.isoformat())))
    return [delivery, _some("PaymentTerms", _text("Note", f"{order.payment_days} days"))]


def _totals(order: SalesOrder, totals: money.Totals) -> list[Any]:
    currency = str(order.currency)
    tax = _cac("TaxTotal", _amount("TaxAmount", totals.vat, currency))
    for rate in totals.rates:
        tax.append(
            _cac(
                "TaxSubtotal",
                _amount("TaxableAmount", rate.net, currency),
                _amount("TaxAmount", rate.vat, currency),
                _tax_category("TaxCategory", rate.rate, rate.nature),
            )
        )
    total = _cac(
        "AnticipatedMonetaryTotal",
        _amount("LineExtensionAmount", totals.net, currency),
        _amount("TaxExclusiveAmount", totals.net, currency),
        _amount("TaxInclusiveAmount", totals.gross, currency),
        _amount("PayableAmount", totals.gross, currency),
    )
    return [tax, total]


def _line(order: SalesOrder, number: int, line: Any) -> Any:
    currency = str(order.currency)
    code = unit_code(line.unit)
    item = _cac(
        "LineItem",
        _text("ID", str(number)),
        _cbc("Quantity", _plain(line.quantity), unitCode=code),
        _amount("LineExtensionAmount", line.net, currency),
    )
    if line.discount:
        item.append(_discount(line, currency))
    price = _cbc("PriceAmount", _plain(line.unit_price), currencyID=currency)
    item.append(_cac("Price", price, _cbc("BaseQuantity", "1", unitCode=code)))
    item.append(_item(line))
    return _cac("OrderLine", item)


def _discount(line: Any, currency: str) -> Any:
    """The allowance that leads from quantity x price to the line's net."""
    full = money.line_net(quantity=line.quantity, unit_price=line.unit_price)
    return _cac(
        "AllowanceCharge",
        _text("ChargeIndicator", "false"),
        _text("MultiplierFactorNumeric", _plain(line.discount)),
        _amount("Amount", full - line.net, currency),
        _amount("BaseAmount", full, currency),
    )


def _item(line: Any) -> Any:
    product = line.product
    name = product.name if product else line.description.partition("\n")[0][:100]
    return _some(
        "Item",
        _text("Description", line.description),
        _text("Name", name),
        _some("SellersItemIdentification", _text("ID", product.code)) if product else None,
        _tax_category("ClassifiedTaxCategory", line.vat_rate, line.vat_nature),
    )


def _tax_category(tag: str, rate: Decimal, nature: str) -> Any:
    return _some(
        tag,
        _text("ID", category(rate, nature)),
        _text("Percent", _plain(rate)),
        _text("TaxExemptionReason", nature),
        _vat_scheme(),
    )


# --- Small pieces ---------------------------------------------------------------------------------------------------------


def _vat_scheme() -> Any:
    return _cac("TaxScheme", _text("ID", "VAT"))


def _reference(tag: str, number: str, kind: str = "") -> Any:
    return (
        _cac(tag, *(p for p in (_text("ID", number), _text("DocumentType", kind)) if p is not None)) if number else None
    )


def _some(tag: str, *parts: Any) -> Any:
    """The aggregate of the parts that exist, or None: UBL forbids empty elements."""
    found = [part for part in parts if part is not None]
    return _cac(tag, *found) if found else None


def _text(tag: str, text: str) -> Any:
    clean = _ILLEGAL.sub("", text or "").strip()
    return _cbc(tag, clean) if clean else None


def _amount(tag: str, amount: Decimal, currency: str) -> Any:
    return _cbc(tag, f"{amount:.2f}", currencyID=currency)


def _plain(number: Decimal) -> str:
    """A decimal without an exponent and without idle zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _prefixed(vat_number: str, country: str) -> str:
    """A VAT number with its country, as VIES writes it."""
    return f"{country}{vat_number}" if vat_number and not vat_number[:2].isalpha() else vat_number

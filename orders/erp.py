"""Approved orders leave for the ERP: as a UBL file in a folder and, where an address is set, as a signed JSON webhook."""

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from core import outbox
from core.outbox import DeliveryFailed
from orders.models import SalesOrder
from orders.units import unit_code


def export_order(event: Any) -> None:
    """Reaction on `salesorder.approved`: one delivery per way out, each with a key that no repetition can double."""
    from orders import ubl  # with lxml: the pages do without

    order = SalesOrder.objects.select_related("quote", "contact", "owner").get(pk=event.subject_id)
    name = re.sub(r"[^A-Za-z0-9]+", "-", order.number)
    key = f"erp-ubl-{name}"
    figures = {"number": order.number, "net": str(order.net.amount), "vat": str(order.vat.amount),
               "gross": str(order.gross.amount), "currency": str(order.currency)}  # fmt: skip
    file = (f"{name}.xml", "application/xml", ubl.document(order))
    outbox.send(channel="ubl", key=key, subject=order, payload=figures, files=[file])
    if url := settings.ERP_WEBHOOK_URL:
        payload = {"url": url, "body": as_json(order)}
        outbox.send(channel="webhook", key=f"erp-webhook-{name}", subject=order, payload=payload)


@outbox.channel("ubl", repeatable=True)
def write_file(delivery: Any) -> str:
    """Write the document into the ERP's folder: whole or not at all, and the same name and bytes however often."""
    folder = Path(settings.ERP_FOLDER)
    file = delivery.files.get()
    content = file.read()
    target = folder / f"{delivery.key}.xml"
    part = folder / f".{delivery.key}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
        _sync(folder)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise DeliveryFailed(_("The file could not be written: %(error)s") % {"error": error}) from error
    return _("Written as %(name)s (%(size)s bytes)") % {"name": target.name, "size": file.size}


def _sync(folder: Path) -> None:
    """Make the new name survive a power cut too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def as_json(order: SalesOrder) -> dict[str, Any]:
    """The order as the webhook carries it: amounts as strings in the order's currency, no costs."""
    totals = order.totals
    return {
        "event": "salesorder.approved",
        "number": order.number,
        "quote": str(order.quote),
        "ordered_on": order.ordered_on.isoformat(),
        "deliver_by": order.deliver_by.isoformat() if order.deliver_by else None,
        "customer": {
            "name": order.customer_name,
            "vat_number": order.customer_vat_number,
            "tax_code": order.customer_tax_code,
            "street": order.street,
            "postcode": order.postcode,
            "city": order.city,
            "province": order.province,
            "country": order.country,
            "reference": order.customer_reference,
        },
        "cig": order.cig,
        "cup": order.cup,
        "payment_days": order.payment_days,
        "currency": str(order.currency),
        "net": str(totals.net),
        "vat": str(totals.vat),
        "gross": str(totals.gross),
        "rates": [
            {"rate": str(r.rate), "nature": r.nature, "net": str(r.net), "vat": str(r.vat)} for r in totals.rates
        ],
        "lines": [_line(number, line) for number, line in enumerate(order.lines.select_related("product"), start=1)],
    }


def _line(number: int, line: Any) -> dict[str, Any]:
    return {
        "number": number,
        "product": line.product.code if line.product else None,
        "description": line.description,
        "quantity": str(line.quantity),
        "unit": line.unit,
        "unit_code": unit_code(line.unit),
        "unit_price": str(line.unit_price),
        "discount": str(line.discount),
        "vat_rate": str(line.vat_rate),
        "vat_nature": line.vat_nature,
        "net": str(line.net),
    }

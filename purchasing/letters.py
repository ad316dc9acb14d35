"""Letters to suppliers about purchase orders."""

from core.letters import Letters
from purchasing.models import PurchaseOrder

LETTERS = (
    Letters(
        PurchaseOrder,
        ("number", "title", "supplier.name", "ordered_on", "deliver_by", "project.number"),
        people=("supplier", "supplier.contacts"),
    ),
)

"""Letters about sales orders and contracts."""

from core.letters import Letters
from orders.models import Contract, SalesOrder

_SHARED = ("number", "title", "customer_name", "contact.first_name", "contact.last_name", "net", "gross")

LETTERS = (
    Letters(SalesOrder, (*_SHARED, "ordered_on", "deliver_by", "customer_reference"), people=("contact", "company")),
    Letters(Contract, (*_SHARED, "starts_on", "ends_on", "payment_days"), people=("contact", "company")),
)

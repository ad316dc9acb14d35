"""Sales orders and the contracts they become."""

from orders.models.contracts import Contract, ContractLine, ContractQuerySet
from orders.models.orders import OrderQuerySet, SalesOrder, SalesOrderLine

__all__ = ["Contract", "ContractLine", "ContractQuerySet", "OrderQuerySet", "SalesOrder", "SalesOrderLine"]

"""Addresses of purchase orders."""

from core.pages import pages
from purchasing.models import PurchaseOrder
from purchasing.views import (
    OrderForProject,
    PurchaseOrderAct,
    PurchaseOrderBoard,
    PurchaseOrderCreate,
    PurchaseOrderDetail,
    PurchaseOrderEdit,
    PurchaseOrderList,
)

app_name = "purchasing"
urlpatterns = pages(
    PurchaseOrder,
    list=PurchaseOrderList,
    board=PurchaseOrderBoard,
    detail=PurchaseOrderDetail,
    create=PurchaseOrderCreate,
    edit=PurchaseOrderEdit,
    act=PurchaseOrderAct,
    handovers={"project": OrderForProject},
    prefix="purchases",
)

from core.pages import pages
from orders import views
from orders.models import Contract, SalesOrder

app_name = "orders"

urlpatterns = [
    *pages(
        SalesOrder,
        prefix="orders",
        list=views.SalesOrderList,
        board=views.SalesOrderBoard,
        detail=views.SalesOrderDetail,
        edit=views.SalesOrderEdit,
        act=views.SalesOrderAct,
        handovers={"quote": views.PlaceOrder},
    ),
    *pages(
        Contract,
        prefix="contracts",
        list=views.ContractList,
        board=views.ContractBoard,
        detail=views.ContractDetail,
        edit=views.ContractEdit,
        act=views.ContractAct,
        handovers={"order": views.SignContract, "contract": views.RenewContract},
    ),
]

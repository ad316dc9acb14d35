"""Addresses of customer care."""

from core.pages import pages
from customercare import views
from customercare.models import Case

app_name = "customercare"
urlpatterns = pages(
    Case,
    prefix="cases",
    list=views.CaseList,
    board=views.CaseBoard,
    detail=views.CaseDetail,
    create=views.CaseCreate,
    edit=views.CaseEdit,
    act=views.CaseAct,
    handovers={
        "company": views.CaseFromCompany,
        "contract": views.CaseFromContract,
        "project": views.CaseFromProject,
        "invoice": views.CaseFromInvoice,
    },
)

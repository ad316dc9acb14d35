from core.pages import pages
from opportunities import views
from opportunities.models import Opportunity

app_name = "opportunities"
urlpatterns = pages(
    Opportunity,
    list=views.OpportunityList,
    board=views.OpportunityBoard,
    detail=views.OpportunityDetail,
    create=views.OpportunityCreate,
    edit=views.OpportunityEdit,
    act=views.OpportunityAct,
    handovers={"lead": views.OpenOpportunity},
    prefix="opportunities",
)

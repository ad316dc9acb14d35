from django.urls import path

from core.pages import pages
from opportunities import stage_pages, views
from opportunities.models import Opportunity, StageProbability

app_name = "opportunities"
urlpatterns = [
    path("opportunities/from-lead/<int:pk>/undo/", views.UndoConversion.as_view(), name="conversion_undo"),
    *pages(
        Opportunity,
        list=views.OpportunityList,
        board=views.OpportunityBoard,
        detail=views.OpportunityDetail,
        create=views.OpportunityCreate,
        edit=views.OpportunityEdit,
        act=views.OpportunityAct,
        handovers={"lead": views.OpenOpportunity},
        prefix="opportunities",
    ),
    *pages(
        StageProbability,
        list=stage_pages.StageList,
        detail=stage_pages.StageDetail,
        edit=stage_pages.StageEdit,
        prefix="settings/stages",
    ),
]

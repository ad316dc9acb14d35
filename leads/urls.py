from django.urls import path

from core.pages import pages
from leads import reason_pages, views
from leads.models import Campaign, Lead, LostReason

app_name = "leads"
urlpatterns = [
    path("leads/duplicates/", views.LeadDuplicates.as_view(), name="lead_duplicates"),
    *pages(
        Lead,
        list=views.LeadList,
        board=views.LeadBoard,
        detail=views.LeadDetail,
        create=views.LeadCreate,
        edit=views.LeadEdit,
        act=views.LeadAct,
        prefix="leads",
    ),
    *pages(
        LostReason,
        list=reason_pages.ReasonList,
        detail=reason_pages.ReasonDetail,
        create=reason_pages.ReasonCreate,
        edit=reason_pages.ReasonEdit,
        prefix="settings/lost-reasons",
    ),
    *pages(
        Campaign,
        list=views.CampaignList,
        detail=views.CampaignDetail,
        create=views.CampaignCreate,
        edit=views.CampaignEdit,
        prefix="campaigns",
    ),
]

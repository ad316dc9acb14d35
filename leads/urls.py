from django.urls import path

from core.pages import pages
from leads import campaign_pages, qualify_pages, reason_pages, scoring_pages, views
from leads.assigning.urls import urlpatterns as assigning
from leads.capture import checkin, endpoint, public, social, typing
from leads.capture import pages as capture_pages
from leads.models import Campaign, CampaignMember, Capture, Lead, LostReason, WebForm
from leads.nurture.urls import urlpatterns as nurture
from leads.scoring.rule_urls import urlpatterns as rules

app_name = "leads"
urlpatterns = [
    *assigning,
    *rules,
    path("f/confirm/<str:token>/", public.opt_in, name="opt_in"),
    path("f/<slug:token>/", public.form, name="public_form"),
    path("f/<slug:token>/thanks/", public.thanks, name="public_thanks"),
    path("f/<slug:token>/remember/", public.remember, name="form_remember"),
    path("f/<slug:token>/embed/", public.embedded, name="embedded_form"),
    path("f/<slug:token>/embed/thanks/", public.embedded_thanks, name="embedded_thanks"),
    path("social/meta/", social.meta, name="social_meta"),
    path("social/linkedin/", social.linkedin, name="social_linkedin"),
    path("campaigns/<int:pk>/check-in/", checkin.CheckIn.as_view(), name="check_in"),
    path("leads/phone/", typing.PhoneNote.as_view(), name="phone_note"),
    path("capture/<slug:token>/", endpoint.capture, name="capture_endpoint"),
    path("leads/score/", scoring_pages.LearntScore.as_view(), name="score_learnt"),
    path("leads/score/learn/", scoring_pages.LearnNow.as_view(), name="score_learn"),
    path("leads/score/<int:pk>/use/", scoring_pages.UseVersion.as_view(), name="score_use"),
    path("leads/score/<int:pk>/let-go/", scoring_pages.LetVersionGo.as_view(), name="score_let_go"),
    path("leads/score/<int:pk>/rules/", scoring_pages.RulesOnly.as_view(), name="score_rules_only"),
    path("leads/duplicates/", views.LeadDuplicates.as_view(), name="lead_duplicates"),
    path("leads/<int:pk>/answers/<slug:name>/", qualify_pages.AnswerPage.as_view(), name="lead_answer"),
    path("leads/<int:pk>/vies/", qualify_pages.AskVies.as_view(), name="lead_vies"),
    *pages(
        WebForm,
        list=capture_pages.WebFormList,
        detail=capture_pages.WebFormDetail,
        create=capture_pages.WebFormCreate,
        edit=capture_pages.WebFormEdit,
        prefix="webforms",
    ),
    path("webforms/<int:pk>/connect/", capture_pages.Connect.as_view(), name="webform_connect"),
    *pages(Capture, list=capture_pages.CaptureList, detail=capture_pages.CaptureDetail, prefix="captures"),
    path("captures/<int:pk>/take/", capture_pages.TakeCapture.as_view(), name="capture_take"),
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
        CampaignMember,
        list=campaign_pages.MemberList,
        detail=campaign_pages.MemberDetail,
        create=campaign_pages.MemberCreate,
        act=campaign_pages.MemberAct,
        prefix="campaigns/members",
    ),
    *pages(
        Campaign,
        list=campaign_pages.CampaignList,
        detail=campaign_pages.CampaignDetail,
        create=campaign_pages.CampaignCreate,
        edit=campaign_pages.CampaignEdit,
        act=campaign_pages.CampaignAct,
        prefix="campaigns",
    ),
    *nurture,
    path("campaigns/<int:pk>/list/", campaign_pages.CampaignMembers.as_view(), name="campaign_members"),
    path("campaigns/<int:campaign>/costs/new/", campaign_pages.CostPage.as_view(), name="campaigncost_create"),
    path("campaigns/<int:campaign>/costs/<int:pk>/", campaign_pages.CostPage.as_view(), name="campaigncost_edit"),
    path(
        "campaigns/<int:campaign>/costs/<int:pk>/delete/",
        campaign_pages.CostDelete.as_view(),
        name="campaigncost_delete",
    ),
]

from django.urls import path

from core.pages import pages
from leads import reason_pages, scoring_pages, views
from leads.assigning.urls import urlpatterns as assigning
from leads.capture import endpoint, public, social, typing
from leads.capture import pages as capture_pages
from leads.models import Campaign, Capture, Lead, LostReason, WebForm
from leads.nurture.urls import urlpatterns as nurture

app_name = "leads"
urlpatterns = [
    *assigning,
    path("f/confirm/<str:token>/", public.opt_in, name="opt_in"),
    path("f/<slug:token>/", public.form, name="public_form"),
    path("f/<slug:token>/thanks/", public.thanks, name="public_thanks"),
    path("f/<slug:token>/remember/", public.remember, name="form_remember"),
    path("f/<slug:token>/embed/", public.embedded, name="embedded_form"),
    path("f/<slug:token>/embed/thanks/", public.embedded_thanks, name="embedded_thanks"),
    path("social/meta/", social.meta, name="social_meta"),
    path("social/linkedin/", social.linkedin, name="social_linkedin"),
    path("leads/phone/", typing.PhoneNote.as_view(), name="phone_note"),
    path("capture/<slug:token>/", endpoint.capture, name="capture_endpoint"),
    path("leads/score/", scoring_pages.LearntScore.as_view(), name="score_learnt"),
    path("leads/score/learn/", scoring_pages.LearnNow.as_view(), name="score_learn"),
    path("leads/score/<int:pk>/use/", scoring_pages.UseVersion.as_view(), name="score_use"),
    path("leads/score/<int:pk>/let-go/", scoring_pages.LetVersionGo.as_view(), name="score_let_go"),
    path("leads/score/<int:pk>/rules/", scoring_pages.RulesOnly.as_view(), name="score_rules_only"),
    path("leads/duplicates/", views.LeadDuplicates.as_view(), name="lead_duplicates"),
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
        Campaign,
        list=views.CampaignList,
        detail=views.CampaignDetail,
        create=views.CampaignCreate,
        edit=views.CampaignEdit,
        prefix="campaigns",
    ),
    *nurture,
]

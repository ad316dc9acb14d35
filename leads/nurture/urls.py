"""Addresses of segments, sequences and mailings, and of the links in our mails."""

from django.urls import path

from core.pages import pages
from leads.models import Enrolment, Mailing, Segment, Sequence
from leads.nurture import mailing_pages, public, segment_pages, sequence_pages

urlpatterns = [
    *pages(
        Segment,
        list=segment_pages.SegmentList,
        detail=segment_pages.SegmentDetail,
        create=segment_pages.SegmentCreate,
        edit=segment_pages.SegmentEdit,
        prefix="segments",
    ),
    *pages(
        Sequence,
        list=sequence_pages.SequenceList,
        detail=sequence_pages.SequenceDetail,
        create=sequence_pages.SequenceCreate,
        edit=sequence_pages.SequenceEdit,
        act=sequence_pages.SequenceAct,
        prefix="sequences",
    ),
    path("sequences/<int:pk>/steps/new/", sequence_pages.StepCreate.as_view(), name="sequence_step_new"),
    path("sequences/<int:pk>/steps/<int:step>/", sequence_pages.StepEdit.as_view(), name="sequence_step_edit"),
    path(
        "sequences/<int:pk>/steps/<int:step>/remove/", sequence_pages.StepRemove.as_view(), name="sequence_step_remove"
    ),
    path("sequences/<int:pk>/enrol/", sequence_pages.EnrolSegment.as_view(), name="sequence_enrol"),
    *pages(
        Enrolment,
        list=sequence_pages.EnrolmentList,
        detail=sequence_pages.EnrolmentDetail,
        create=sequence_pages.EnrolmentCreate,
        act=sequence_pages.EnrolmentAct,
        handovers={"lead": sequence_pages.EnrolLead, "contact": sequence_pages.EnrolContact},
        prefix="enrolments",
    ),
    *pages(
        Mailing,
        list=mailing_pages.MailingList,
        detail=mailing_pages.MailingDetail,
        create=mailing_pages.MailingCreate,
        edit=mailing_pages.MailingEdit,
        act=mailing_pages.MailingAct,
        prefix="mailings",
    ),
    path("mailings/<int:pk>/send/", mailing_pages.SendMailing.as_view(), name="mailing_send"),
    path("mailings/<int:pk>/schedule/", mailing_pages.ScheduleMailing.as_view(), name="mailing_schedule"),
    path("mailings/<int:pk>/trial/", mailing_pages.SendTrial.as_view(), name="mailing_trial"),
    path("m/o/<slug:token>.gif", public.opened, name="mail_opened"),
    path("m/c/<str:token>/", public.click, name="mail_click"),
    path("m/u/<str:token>/", public.choices, name="mail_choices"),
    path("m/u/<str:token>/one-click/", public.unsubscribe, name="mail_unsubscribe"),
]

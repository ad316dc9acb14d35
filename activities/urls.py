from django.urls import path

from activities import bell, feeds, views
from activities.mail import lists as mails
from activities.mail.pages import WriteEmail
from activities.models import Activity, Email, MailTemplate
from core.pages import pages

app_name = "activities"

urlpatterns = [
    path("activities/my-day/", views.MyDay.as_view(), name="my_day"),
    *pages(
        Activity,
        prefix="activities",
        list=views.ActivityList,
        detail=views.ActivityDetail,
        create=views.ActivityCreate,
        edit=views.ActivityEdit,
    ),
    path("activities/<int:pk>/done/", views.CompleteActivity.as_view(), name="activity_complete"),
    path("activities/<int:pk>/reopen/", views.ReopenActivity.as_view(), name="activity_reopen"),
    path(
        "activities/about/<slug:app>/<slug:model>/<int:subject>/",
        views.ActivityCreate.as_view(),
        name="activity_about",
    ),
    *pages(
        MailTemplate,
        prefix="mail/templates",
        list=mails.MailTemplateList,
        detail=mails.MailTemplateDetail,
        create=mails.MailTemplateCreate,
        edit=mails.MailTemplateEdit,
    ),
    *pages(Email, prefix="mail", list=mails.EmailList, detail=mails.EmailDetail),
    path("mail/<int:pk>/attach/", mails.AttachEmail.as_view(), name="email_attach"),
    path("mail/<int:pk>/files/<int:file>/", mails.EmailFile.as_view(), name="email_file"),
    path("mail/about/<slug:app>/<slug:model>/<int:subject>/", WriteEmail.as_view(), name="email_about"),
    path("calendar/", feeds.CalendarAddress.as_view(), name="calendar"),
    path("calendar/<str:key>.ics", feeds.feed, name="calendar_feed"),
    path("notifications/", bell.NotificationList.as_view(), name="notifications"),
    path("notifications/bell/", bell.Bell.as_view(), name="bell"),
    path("notifications/settings/", bell.Choices.as_view(), name="notification_choices"),
    path("notifications/<int:pk>/", bell.OpenNotification.as_view(), name="notification"),
    path("notes/people/", bell.People.as_view(), name="people"),
    path("activities/plans/<slug:app>/<slug:model>/<int:subject>/", views.PlanStart.as_view(), name="plan_start"),
    path("notes/about/<slug:app>/<slug:model>/<int:subject>/", views.NoteCreate.as_view(), name="note_create"),
    path("notes/<int:note>/files/<int:pk>/", views.FileDownload.as_view(), name="file"),
]

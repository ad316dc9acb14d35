from django.urls import path

from insights import views

app_name = "insights"

urlpatterns = [path("dashboard/", views.DashboardPage.as_view(), name="dashboard")]

from django.urls import path

from insights import campaigns, views

app_name = "insights"

urlpatterns = [
    path("dashboard/", views.DashboardPage.as_view(), name="dashboard"),
    path("campaigns/", campaigns.CampaignResults.as_view(), name="campaigns"),
    path("campaigns/<int:pk>/", campaigns.CampaignResult.as_view(), name="campaign_result"),
]

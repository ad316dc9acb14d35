"""Addresses of assignment, part of those of leads."""

from django.urls import path

from core.pages import pages
from leads.assigning import pages as views
from leads.models import AssignmentRule

urlpatterns = [
    path("leads/why-not-me/", views.WhyNotMe.as_view(), name="why_not_me"),
    path("settings/assignment/<int:pk>/simulation/", views.RuleSimulation.as_view(), name="assignmentrule_simulation"),
    *pages(
        AssignmentRule,
        list=views.RuleList,
        detail=views.RuleDetail,
        create=views.RuleCreate,
        edit=views.RuleEdit,
        prefix="settings/assignment",
    ),
]

"""Addresses of the rule editor, part of those of leads."""

from django.urls import path

from leads.scoring import rule_pages as pages

_SET, _RULE = "settings/scoring/<int:pk>/", "settings/scoring/<int:pk>/rules/<int:rule>/"
urlpatterns = [
    path("settings/scoring/", pages.RulesInUse.as_view(), name="ruleset_list"),
    path("settings/scoring/progress/", pages.Progress.as_view(), name="ruleset_progress"),
    path(_SET, pages.RuleSetPage.as_view(), name="ruleset_detail"),
    path(f"{_SET}preview/", pages.PreviewPage.as_view(), name="ruleset_preview"),
    path(f"{_SET}limits/", pages.LimitsPage.as_view(), name="ruleset_edit"),
    path(f"{_SET}use/", pages.UseRules.as_view(), name="ruleset_use"),
    path(f"{_SET}discard/", pages.DiscardRules.as_view(), name="ruleset_discard"),
    path(f"{_SET}rules/new/", pages.RulePage.as_view(), name="scorerule_create"),
    path(_RULE, pages.RulePage.as_view(), name="scorerule_edit"),
    path(f"{_RULE}remove/", pages.RemoveRule.as_view(), name="scorerule_remove"),
    path(f"{_RULE}move/", pages.MoveRule.as_view(), name="scorerule_move"),
]

"""The score of a lead: rules that explain themselves (`rules`), and what keeps every lead scored (`many`)."""

from leads.scoring.many import edition, score_all, score_on_event, score_soon, score_waiting
from leads.scoring.rules import (
    ENGAGEMENT,
    FIT,
    LIMIT,
    RULES,
    Contribution,
    Rule,
    contributions,
    facts,
    judge,
    questions,
)

__all__ = [
    "ENGAGEMENT",
    "FIT",
    "LIMIT",
    "RULES",
    "Contribution",
    "Rule",
    "contributions",
    "edition",
    "facts",
    "judge",
    "questions",
    "score_all",
    "score_on_event",
    "score_soon",
    "score_waiting",
]

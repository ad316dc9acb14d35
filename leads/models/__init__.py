"""Leads: from the first contact to the day somebody may sell to them."""

from leads.models.assigning import Assignment, AssignmentMember, AssignmentRule
from leads.models.campaigns import Campaign, CampaignCost, CampaignTally
from leads.models.captures import Capture, OptIn
from leads.models.enrolments import Enrolment
from leads.models.leads import Lead
from leads.models.members import CampaignMember
from leads.models.nurture import Segment, Sequence, SequenceStep
from leads.models.reasons import LostReason, LostReasonField
from leads.models.rules import RuleSet, ScoreRule
from leads.models.scores import SCORED_FIELDS, LeadScore, ScoreVersion
from leads.models.sends import Edition, Mailing, Send
from leads.models.touches import Touch
from leads.models.webforms import WebForm
from leads.querysets import HOT, hot_from

__all__ = [
    "HOT",
    "SCORED_FIELDS",
    "Assignment",
    "AssignmentMember",
    "AssignmentRule",
    "Campaign",
    "CampaignCost",
    "CampaignMember",
    "CampaignTally",
    "Capture",
    "Edition",
    "Enrolment",
    "Lead",
    "LeadScore",
    "LostReason",
    "LostReasonField",
    "Mailing",
    "OptIn",
    "Segment",
    "Send",
    "Sequence",
    "SequenceStep",
    "RuleSet",
    "ScoreRule",
    "ScoreVersion",
    "Touch",
    "WebForm",
    "hot_from",
]

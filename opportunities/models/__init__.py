"""Opportunities: deals on their way to a won order, and how likely each stage makes them."""

from opportunities.models.opportunities import Opportunity, OpportunityQuerySet
from opportunities.models.stages import StageProbability

__all__ = ["Opportunity", "OpportunityQuerySet", "StageProbability"]

"""Opportunities: deals on their way to a won order, and how likely each stage makes them."""

from opportunities.models.conversions import Conversion
from opportunities.models.opportunities import Opportunity, OpportunityQuerySet
from opportunities.models.stages import StageProbability

__all__ = ["Conversion", "Opportunity", "OpportunityQuerySet", "StageProbability"]

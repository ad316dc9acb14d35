"""What cases say of the people who brought them."""

from core.privacy.registry import REDACT, Holding
from customercare.models import Case

HOLDINGS = (Holding(Case, {"title": REDACT, "description": "", "solution": REDACT}, paths=("contact",)),)

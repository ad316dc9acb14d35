"""What opportunities say of the people they are with."""

from core.privacy.registry import REDACT, Holding
from opportunities.models import Conversion, Opportunity

HOLDINGS = (
    Holding(
        Opportunity,
        dict.fromkeys(("name", "next_step", "competitors", "description"), REDACT),
        paths=("contact", "lead"),
    ),
    Holding(Conversion, {"kept": {}}, paths=("lead",), at="at", untold=("kept",)),
)

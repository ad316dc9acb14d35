"""Which rule a lead fits: its territory, source, interest, language, campaign, score and custom fields against what it asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from leads.assigning import answers, territory
from leads.models import AssignmentRule

#: What is read of a lead, for those who read many.
COLUMNS = ("country", "province", "source", "interest", "language", "campaign_id", "scored__score", "custom")


@dataclass(frozen=True)
class Traits:
    """What rules look at, in the words of rules."""

    country: str
    region: str
    province: str
    source: str
    interest: str
    language: str
    campaign: int | None
    score: int | None
    custom: dict[str, Any]

    @classmethod
    def read(cls, *columns: Any) -> "Traits":
        """From the `COLUMNS` of a lead. Two letters are an Italian province only where the country is not another one."""
        country, province, source, interest, language, campaign, score, custom = columns
        country = territory.country_code(country)
        province = territory.province_code(province) if country in ("IT", "") else ""
        region = territory.region_of(province)
        country = "IT" if province else country
        words = source.casefold(), interest.casefold()
        return cls(country, region, province, *words, language, campaign, score, custom)


class Conditions:
    """What one rule asks for, read once. Its campaigns are one query, unless prefetched."""

    def __init__(self, rule: AssignmentRule, campaigns: Iterable[int] | None = None) -> None:
        self.rule = rule
        found = (campaign.pk for campaign in rule.campaigns.all()) if campaigns is None else campaigns
        self.campaigns = frozenset(found)
        self.asks = answers.read(rule)

    def unmet(self, lead: Traits) -> list[str]:
        """The names of what does not fit; empty where the lead fits."""
        tests = {
            "territory": self._in_territory(lead),
            "source": _says(lead.source, self.rule.sources),
            "interest": _says(lead.interest, self.rule.interests),
            "language": not self.rule.languages or lead.language in self.rule.languages,
            "campaign": not self.campaigns or lead.campaign in self.campaigns,
            "score": self._in_range(lead.score),
            "custom": answers.fit(self.asks, lead.custom),
        }
        return [name for name, met in tests.items() if not met]

    def met(self, lead: Traits) -> dict[str, str]:
        """What of the lead made it fit, by name; empty for a rule that asks for nothing. For a lead that fits."""
        rule = self.rule
        found = {
            "province": lead.province if lead.province in rule.provinces else "",
            "region": lead.region if lead.region in rule.regions else "",
            "country": lead.country if lead.country in rule.countries else "",
            "source": next((word for word in rule.sources if word.casefold() in lead.source), ""),
            "interest": next((word for word in rule.interests if word.casefold() in lead.interest), ""),
            "language": lead.language if rule.languages else "",
            "campaign": next((str(c) for c in rule.campaigns.all() if c.pk == lead.campaign), ""),
            "score": "" if rule.score_from is None and rule.score_to is None else str(lead.score),
            "custom": answers.told(self.asks, lead.custom),
        }
        return {name: value for name, value in found.items() if value}

    def _in_territory(self, lead: Traits) -> bool:
        rule = self.rule
        if not (rule.countries or rule.regions or rule.provinces):
            return True
        return lead.country in rule.countries or lead.region in rule.regions or lead.province in rule.provinces

    def _in_range(self, score: int | None) -> bool:
        low, high = self.rule.score_from, self.rule.score_to
        if low is None and high is None:
            return True
        return score is not None and (low is None or score >= low) and (high is None or score <= high)


def _says(text: str, words: list[str]) -> bool:
    return not words or any(word.casefold() in text for word in words)


def active_rules() -> list[Conditions]:
    """The rules that are asked, in their order; two queries, one where there is none."""
    rules = AssignmentRule.objects.filter(active=True).prefetch_related("campaigns").order_by("position", "pk")
    return [Conditions(rule) for rule in rules]

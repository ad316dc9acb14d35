"""What campaigns have brought, for programs of those who may see it."""

from typing import Any

from django.utils import timezone

from core.api.outputs import AMOUNT, Output, Schema
from insights.attribution import MODELS, Brought, brought
from insights.campaigns import EVER
from leads import api
from leads.models import Campaign

_TEXT: Schema = {"type": "string"}
_CREDIT: Schema = {
    "type": "object",
    "properties": {"measure": _TEXT, "currency": {"type": ["string", "null"]}, **dict.fromkeys(MODELS, AMOUNT)},
    "required": ["measure", "currency", *MODELS],
}
FIGURES: Schema = {
    "type": ["array", "null"],
    "description": "What is credited to it since it began, under each model of attribution; null without the right to see it.",
    "items": _CREDIT,
}


class CampaignApi(api.CampaignApi):
    """With the figures of the page “What it has brought”."""

    @classmethod
    def further(cls) -> list[Output]:
        return [*super().further(), Output("figures", lambda _campaign: None, FIGURES)]

    @classmethod
    def whole(cls, record: Campaign, user: Any) -> dict[str, Any]:
        found = super().whole(record, user)
        if user.has_perm("insights.view_attribution"):
            rows = brought(EVER, timezone.localdate(), campaign=record)
            found["figures"] = [figure for row in rows for figure in _figures(row)]
        return found


def _figures(row: Brought) -> list[dict[str, Any]]:
    return [
        {
            "measure": measure,
            "currency": row.currency if measure == "collected" else None,
            **{model: f"{share:f}" for model, share in zip(MODELS, credit, strict=True)},
        }
        for measure, credit in sorted(row.credits.items())
    ]

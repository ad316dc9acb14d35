"""Reasons for losing in the API: those there are now, taken and described."""

from core.api import openapi
from leads.models import LostReason
from leads.models.reasons import offered
from opportunities.models import Opportunity
from tests.factories import LeadFactory


def test_the_api_takes_and_describes_them_as_they_are(cast, caller_of):
    LostReason.objects.create(code="late", label="Too late")
    api = caller_of(cast.sales)
    lead = LeadFactory(owner=cast.sales, state="working")
    assert api.post(f"leads/{lead.pk}/lose/", {"reason": "nonsense"}).status_code == 422
    assert api.post(f"leads/{lead.pk}/lose/", {"reason": "late"}).json()["lost_reason"] == "late"
    assert len(api.get("leads/?lost_reason=late").json()["results"]) == 1
    schemas = openapi.schema()["components"]["schemas"]
    assert "late" in schemas["LeadLose"]["properties"]["reason"]["enum"]
    assert "late" in schemas["LeadRow"]["properties"]["lost_reason"]["enum"]
    assert "late" in dict(offered())
    assert Opportunity._meta.get_field("lost_reason").flatchoices

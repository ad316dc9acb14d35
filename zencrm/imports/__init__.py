"""What can be imported, and the maps for known sources (`*.toml` in this folder)."""

from pathlib import Path

from catalog.resources import ProductResource
from core.imports import RecordResource
from leads.resources import LeadResource
from opportunities.resources import OpportunityResource
from parties.resources import CompanyResource, ContactResource
from people.resources import UserResource

RESOURCES: dict[str, type[RecordResource]] = {
    "companies": CompanyResource,
    "contacts": ContactResource,
    "products": ProductResource,
    "leads": LeadResource,
    "opportunities": OpportunityResource,
    "users": UserResource,
}
MAPS = Path(__file__).parent


def map_path(name: str) -> Path:
    """A map by its path, or by its bare name in this folder."""
    given = Path(name)
    ours = MAPS / f"{name.removesuffix('.toml')}.toml"
    return ours if not given.exists() and ours.exists() else given

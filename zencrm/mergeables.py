"""Kinds of record of which two may turn out to be one."""

from core import merging
from core.merging import Mergeable
from core.merging import pages as merging_pages
from core.pages import register_extra
from leads import likeness as leads_alike
from leads.models import Lead, LeadScore
from opportunities.merging import deals_stay
from parties import duplicates
from parties import pairs as parties_pairs
from parties.models import Company, Contact


def install() -> None:
    register_extra(merging_pages.page_extra)
    merging.register(
        Mergeable(
            Lead,
            against=leads_alike.converted_stays,
            apart=frozenset({"opportunities.opportunity.lead"}),
            notes=deals_stay,
            along=(LeadScore,),
            twins=leads_alike.twins_of_lead,
            pairs=leads_alike.pairs_of_leads,
            words=parties_pairs.words,
        ),
        Mergeable(
            Company,
            twins=duplicates.twins_of_company,
            pairs=parties_pairs.of_companies,
            words=parties_pairs.words,
            shown={"founded": "founded_year", "annual_revenue": "revenue", "country": "country_name"},
        ),
        Mergeable(
            Contact, twins=duplicates.twins_of_contact, pairs=parties_pairs.of_contacts, words=parties_pairs.words
        ),
    )

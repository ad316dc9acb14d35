"""A lead becomes a deal: what is linked, what is made, who is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from core.access import JOB
from core.lifecycle import Refused
from core.models import Event
from opportunities.models import Opportunity
from opportunities.services import open_opportunity, parties_of, reopen
from parties.models import Company, Contact
from tests.factories import CompanyFactory, ContactFactory, LeadFactory, OpportunityFactory

pytestmark = pytest.mark.django_db
VAT = "00743110157"


@pytest.fixture
def lead(cast):
    return LeadFactory(
        state="qualified",
        owner=cast.sales,
        company_name="Pompe Adriatiche S.r.l.",
        vat_number=VAT,
        first_name="Anna",
        last_name="Conti",
        email="anna@pompe.example",
        interest="Pompa P12",
        need="Le pompe perdono",
        budget=Decimal("12500.50"),
        decision_by=date(2026, 12, 1),
        source="Fiera",
    )


def test_company_and_person_are_made_and_the_deal_knows_what_the_lead_knew(cast, lead):
    deal = open_opportunity(lead=lead, by=cast.sales)
    assert (deal.company.name, deal.company.vat_number) == ("Pompe Adriatiche S.r.l.", VAT)
    assert (deal.contact.first_name, deal.contact.last_name, deal.contact.company) == ("Anna", "Conti", deal.company)
    assert (deal.name, deal.description) == ("Pompa P12 – Pompe Adriatiche S.r.l.", "Le pompe perdono")
    assert (deal.value.amount, deal.expected_close, deal.source) == (Decimal("12500.50"), date(2026, 12, 1), "Fiera")
    assert (deal.owner, deal.thread_id, deal.state, deal.probability) == (cast.sales, lead.thread_id, "identified", 10)
    assert deal.number.startswith("OP ")
    assert (lead.state, lead.company, lead.contact) == ("converted", deal.company, deal.contact)


def test_both_tell_history(cast, lead):
    deal = open_opportunity(lead=lead, by=cast.sales)
    assert list(Event.objects.about(lead).values_list("name", "actor")) == [("lead.converted", cast.sales.pk)]
    assert list(Event.objects.about(deal).values_list("name", "actor")) == [("opportunity.drafted", cast.sales.pk)]


def test_what_is_said_wins_over_what_was_known(cast, lead):
    company = CompanyFactory(vat_number="")
    deal = open_opportunity(
        lead=lead, by=cast.sales, company=company, name="Centrale", value=Decimal(9), expected_close=date(2027, 1, 1)
    )
    assert (deal.company, deal.name, deal.value.amount, deal.expected_close) == (
        company,
        "Centrale",
        9,
        date(2027, 1, 1),
    )


def test_converting_twice_gives_the_same_opportunity(cast, lead):
    """Row L5."""
    deal = open_opportunity(lead=lead, by=cast.sales)
    assert open_opportunity(lead=lead, by=cast.sales, name="Another", value=Decimal(1)) == deal
    assert (Opportunity.objects.get().name, Company.objects.count(), Contact.objects.count()) == (deal.name, 1, 1)
    assert Event.objects.filter(name="lead.converted").count() == 1


class TestLinking:
    def test_same_vat_number_however_written(self, cast, lead):
        company = CompanyFactory(vat_number=f"IT {VAT}", name="Tutt'altro nome")
        assert open_opportunity(lead=lead, by=cast.sales).company == company
        assert Company.objects.count() == 1

    def test_same_address_of_the_company(self, cast, lead):
        company = CompanyFactory(vat_number="", email="ANNA@pompe.example")
        assert open_opportunity(lead=lead, by=cast.sales).company == company

    def test_same_address_of_a_person(self, cast, lead):
        person = ContactFactory(company__vat_number="", email="Anna@Pompe.example")
        deal = open_opportunity(lead=lead, by=cast.sales)
        assert (deal.company, deal.contact) == (person.company, person)
        assert Contact.objects.count() == 1

    def test_key_of_the_company_in_the_other_system(self, cast, lead):
        company = CompanyFactory(vat_number="", external_key="ACC-7")
        lead.attributes = {"company_key": "ACC-7"}
        lead.save()
        assert open_opportunity(lead=lead, by=cast.sales).company == company

    def test_the_vat_number_decides_and_the_person_stays_where_they_are(self, cast, lead):
        right = CompanyFactory(vat_number=VAT)
        elsewhere = ContactFactory(company__vat_number="", email=lead.email)
        deal = open_opportunity(lead=lead, by=cast.sales)
        assert deal.company == right
        assert deal.contact != elsewhere
        assert deal.contact.company == right

    def test_a_similar_name_alone_links_nothing(self, cast, lead):
        CompanyFactory(vat_number="", name="POMPE ADRIATICHE SRL")
        open_opportunity(lead=lead, by=cast.sales)
        assert Company.objects.count() == 2

    def test_a_new_company_may_be_forced(self, cast, lead):
        CompanyFactory(vat_number=VAT)
        deal = open_opportunity(lead=lead, by=cast.sales, company=Company(name="Pompe Due"))
        assert deal.company.name == "Pompe Due"
        assert Company.objects.count() == 2

    def test_a_private_person_is_a_company_of_their_name(self, cast):
        lead = LeadFactory(state="qualified", company_name="", first_name="Rita", last_name="Levi")
        assert str(open_opportunity(lead=lead, by=cast.sales).company) == "Rita Levi"

    def test_what_a_found_company_lacks_is_filled_in_and_what_it_has_stays(self, cast, lead):
        company = CompanyFactory(vat_number=VAT, sdi_code="", phone="02 1", city="", street="")
        lead.sdi_code, lead.pec, lead.street, lead.city, lead.phone = (
            "XYZ9876",
            "a@pec.example",
            "Via Po 2",
            "Rho",
            "06 9",
        )
        lead.save()
        open_opportunity(lead=lead, by=cast.sales)
        company.refresh_from_db()
        assert (company.sdi_code, company.pec, company.street, company.city) == (
            "XYZ9876",
            "a@pec.example",
            "Via Po 2",
            "Rho",
        )
        assert company.phone == "02 1"

    def test_unless_one_does_not_want_it(self, cast, lead):
        company = CompanyFactory(vat_number=VAT, phone="")
        open_opportunity(lead=lead, by=cast.sales, fill=False)
        company.refresh_from_db()
        assert company.phone == ""

    def test_a_company_without_a_person_has_no_contact(self, cast):
        lead = LeadFactory(state="qualified", first_name="", last_name="")
        assert open_opportunity(lead=lead, by=cast.sales).contact is None

    def test_looking_changes_nothing(self, lead):
        found = parties_of(lead)
        assert (found.company.pk, found.contact.pk) == (None, None)
        assert not Company.objects.exists()


class TestRefused:
    @pytest.mark.parametrize("state", ["new", "working", "lost"])
    def test_not_qualified(self, cast, state):
        lead = LeadFactory(state=state, owner=cast.sales)
        with pytest.raises(Refused, match="Not possible while"):
            open_opportunity(lead=lead, by=cast.sales)
        assert not Company.objects.exists()

    def test_the_database_refuses_a_second_one_too(self, cast, lead):
        deal = open_opportunity(lead=lead, by=cast.sales)
        with pytest.raises(IntegrityError), transaction.atomic():
            OpportunityFactory(lead=lead, company=deal.company)

    def test_without_the_right(self, cast, lead):
        for user in (cast.marketing, cast.accountant, cast.nobody):
            with pytest.raises(PermissionDenied):
                open_opportunity(lead=lead, by=user)
        assert not Company.objects.exists()

    def test_an_error_leaves_nothing_behind(self, cast, lead):
        with pytest.raises(Exception, match="value_is_not_negative"):
            open_opportunity(lead=lead, by=cast.sales, value=Decimal(-1))
        lead.refresh_from_db()
        assert lead.state == "qualified"
        assert not Company.objects.exists()
        assert not Event.objects.exists()


def test_reopening_for_a_customer_starts_a_new_thread(cast):
    company = CompanyFactory(owner=cast.sales)
    deal = reopen(company=company, by=JOB, name="Rinnovo assistenza", value=1200, expected_close=date(2027, 3, 1))
    assert (deal.kind, deal.owner, deal.lead, deal.state) == ("renewal", cast.sales, None, "identified")
    assert deal.thread_id
    assert Event.objects.about(deal).get().name == "opportunity.drafted"


class TestPage:
    @pytest.fixture
    def sales(self, cast, client_of):
        return client_of(cast.sales)

    @staticmethod
    def url(lead):
        return f"/opportunities/from-lead/{lead.pk}/"

    def facts(self, **more):
        return {"link": "new", "name": "Centrale", "value": "1,000.00", "expected_close": "2026-12-24", **more}

    def test_the_lead_offers_it(self, lead, sales):
        assert self.url(lead) in sales.get(lead.get_absolute_url()).content.decode()

    def test_it_shows_what_will_be_linked_and_made(self, lead, sales):
        CompanyFactory(name="Pompe Adriatiche", vat_number=VAT)
        page = sales.get(self.url(lead)).content.decode()
        assert "Link: Pompe Adriatiche, Milano (same VAT number)" in page
        assert "Create: Pompe Adriatiche S.r.l." in page
        assert "Anna Conti" in page
        assert "12,500.50" in page

    def test_in_a_modal_too(self, lead, sales):
        page = sales.get(self.url(lead), headers={"HX-Request": "true", "HX-Target": "modal-content"}).content.decode()
        assert "<html" not in page
        assert "Anna Conti" in page

    def test_create(self, lead, sales):
        answer = sales.post(self.url(lead), self.facts())
        deal = Opportunity.objects.get()
        assert answer.headers["Location"] == deal.get_absolute_url()
        assert (deal.name, deal.value.amount, deal.company.name) == ("Centrale", 1000, "Pompe Adriatiche S.r.l.")

    def test_link_the_one_that_looks_the_same(self, lead, sales):
        company = CompanyFactory(name="Pompe Adriatiche", vat_number="")
        sales.post(self.url(lead), self.facts(link=company.pk))
        assert Opportunity.objects.get().company == company

    def test_another_company(self, lead, sales):
        company = CompanyFactory(name="Holding", vat_number="")
        assert sales.post(self.url(lead), self.facts(link="other")).status_code == 422
        sales.post(self.url(lead), self.facts(link="other", company=company.pk))
        assert Opportunity.objects.get().company == company

    @pytest.mark.parametrize("wrong", [{"link": "999"}, {"link": ""}, {"name": ""}, {"value": "-1"}, {"value": "x"}])
    def test_errors(self, lead, sales, wrong):
        assert sales.post(self.url(lead), self.facts(**wrong)).status_code == 422
        assert not Opportunity.objects.exists()

    def test_a_second_time_leads_to_the_same(self, lead, sales):
        first = sales.post(self.url(lead), self.facts()).headers["Location"]
        assert sales.post(self.url(lead), self.facts(name="Again")).headers["Location"] == first
        assert sales.get(self.url(lead)).headers["Location"] == first
        assert Opportunity.objects.get().name == "Centrale"

    def test_rights(self, cast, lead, client_of):
        assert client_of(cast.sales2).get(self.url(lead)).status_code == 404
        assert client_of(cast.marketing).get(self.url(lead)).status_code == 403
        assert client_of(cast.marketing).post(self.url(lead), self.facts()).status_code == 403

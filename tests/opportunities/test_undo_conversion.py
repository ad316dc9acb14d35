"""A conversion taken back: every row as it was, or refused with every reason."""

import random
from datetime import timedelta

import pgtrigger
import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from core import access, merging
from core.access import JOB
from core.lifecycle import Refused
from core.models import Consent, Event, File, Purpose, PurposeText
from core.privacy import consent
from leads.models import Lead
from opportunities.models import Conversion, Opportunity
from opportunities.services import open_opportunity
from opportunities.undoing import forget, undo_conversion, why_not
from parties.models import Company, Contact
from quotes.services import draft_quote
from tests.factories import (
    ActivityFactory,
    CompanyFactory,
    ContactFactory,
    EmailFactory,
    LeadFactory,
    NoteFactory,
    OpportunityFactory,
    QuoteFactory,
)
from tests.merging.families import compare, dump

pytestmark = pytest.mark.django_db
VAT = "00743110157"
#: Tables that only tell, or count what is in others.
TELLING = ("opportunities_conversion", "core_series", "core_numberseries")


@pytest.fixture
def newsletter():
    purpose = Purpose.objects.create(name="Newsletter", code="newsletter")
    PurposeText.objects.create(purpose=purpose, version=1, text_it="Ci sto")
    return purpose


def rich_lead(cast, rng, **values):
    """A lead with everything that may hang on one, some of it missing."""
    maybe = {
        "vat_number": VAT, "sdi_code": "XYZ9876", "pec": "a@pec.example", "street": "Via Po 2", "city": "Rho",
        "interest": "Pompe", "need": "Perdono", "job_title": "Titolare", "last_name": "", "tags": ["Fiera"],
        "custom": {"a": 1}, "website": "https://pompe.example",
    }  # fmt: skip
    chosen = {name: value for name, value in maybe.items() if rng.random() < 0.6}
    lead = LeadFactory(state="qualified", owner=cast.sales, **{**chosen, **values})
    ActivityFactory(subject=lead, owner=cast.sales)
    note = NoteFactory(subject=lead, author=cast.sales)
    note.files.add(File.store(name="a.txt", mime="text/plain", content=b"a"))
    EmailFactory(subject=lead, owner=cast.sales)
    return Lead.objects.get(pk=lead.pk)


def agree(lead, purpose, cast):
    proof = [type("Upload", (), {"name": "a.txt", "mime": "text/plain", "content": b"x"})]
    return consent.give(subject=lead, purpose=purpose, by=cast.sales, source="paper", evidence="x", files=proof)


def differing(before, after):
    return [line for line in compare(before, after) if not line.startswith(TELLING)]


@pytest.mark.parametrize("seed", range(12))
def test_undoing_gives_back_exactly_what_was_there(cast, newsletter, seed):
    """Row L5: lead, company and contact, consents, activities, files; whatever was found and whatever was made."""
    rng = random.Random(seed)
    lead = rich_lead(cast, rng)
    if rng.random() < 0.6:
        agree(lead, newsletter, cast)
    if rng.random() < 0.6:
        company = CompanyFactory(vat_number=VAT, sdi_code="", pec="", phone="", city="", street="", website="")
        if rng.random() < 0.6:
            ContactFactory(company=company, email=lead.email, phone="", job_title="")
    before = dump()
    deal = open_opportunity(lead=lead, by=cast.sales)
    assert differing(before, dump())
    back = undo_conversion(lead=lead, by=cast.sales)
    assert (back.state, back.company, back.contact) == ("qualified", None, None)
    assert differing(before, dump()) == []
    assert not Opportunity.objects.filter(pk=deal.pk).exists()


def test_it_can_be_converted_again_and_undone_again(cast, newsletter):
    lead = rich_lead(cast, random.Random(1))
    agree(lead, newsletter, cast)
    before = dump()
    for _turn in range(2):
        deal = open_opportunity(lead=lead, by=cast.sales)
        undo_conversion(lead=lead, by=cast.sales)
    assert differing(before, dump()) == []
    assert open_opportunity(lead=lead, by=cast.sales).pk != deal.pk
    assert (
        list(Event.objects.about(lead).filter(name="lead.unconverted").values_list("actor", flat=True))
        == [cast.sales.pk] * 2
    )


def test_what_was_edited_on_a_found_company_stays_edited(cast):
    company = CompanyFactory(vat_number=VAT, pec="")
    lead = LeadFactory(state="qualified", owner=cast.sales, vat_number=VAT, pec="a@pec.example")
    open_opportunity(lead=lead, by=cast.sales)
    Company.objects.filter(pk=company.pk).update(notes="Called")
    undo_conversion(lead=lead, by=cast.sales)
    company.refresh_from_db()
    assert (company.notes, company.pec) == ("Called", "")


class TestRefused:
    @pytest.fixture
    def lead(self, cast, newsletter):
        lead = LeadFactory(state="qualified", owner=cast.sales, vat_number=VAT)
        agree(lead, newsletter, cast)
        open_opportunity(lead=lead, by=cast.sales)
        return lead

    def refusal(self, lead, by):
        before = dump()
        with pytest.raises(Refused) as refused:
            undo_conversion(lead=lead, by=by)
        assert compare(before, dump()) == []
        assert [str(reason) for reason in why_not(lead)] == [str(reason) for reason in refused.value.reasons]
        return str(refused.value)

    @pytest.mark.parametrize(
        "hang",
        [
            lambda deal, cast: QuoteFactory(opportunity=deal),
            lambda deal, cast: ActivityFactory(subject=deal, owner=cast.sales),
            lambda deal, cast: NoteFactory(subject=deal, author=cast.sales),
            lambda deal, cast: EmailFactory(subject=deal, owner=cast.sales),
            lambda deal, cast: NoteFactory(subject=deal.company, author=cast.sales),
            lambda deal, cast: OpportunityFactory(company=deal.company),
            lambda deal, cast: ContactFactory(company=deal.company),
            lambda deal, cast: LeadFactory(contact=deal.contact, state="converted"),
            lambda deal, cast: consent.withdraw(
                subject=deal.contact, purpose=Purpose.objects.get(), by=cast.sales, source="email"
            ),
        ],
    )
    def test_something_hangs_on_what_it_made(self, cast, lead, hang):
        hang(Opportunity.objects.get(lead=lead), cast)
        assert "Something hangs on" in self.refusal(lead, cast.sales)

    def test_the_deal_went_on(self, cast, lead):
        deal = Opportunity.objects.get()
        deal.value = 100
        deal.save()
        deal.qualify(by=cast.sales)
        draft_quote(opportunity=deal, by=cast.sales)
        text = self.refusal(lead, cast.sales)
        assert "was changed since: state" in text
        assert "1 quote" in text

    @pytest.mark.parametrize("model", [Opportunity, Company, Contact])
    def test_what_it_made_was_edited(self, cast, lead, model):
        name = {"Opportunity": "next_step", "Company": "notes", "Contact": "mobile"}[model.__name__]
        model.objects.update(**{name: "x"})
        assert "was changed since" in self.refusal(lead, cast.sales)

    def test_what_it_filled_in_was_edited(self, cast):
        company = CompanyFactory(vat_number=VAT, pec="")
        lead = LeadFactory(state="qualified", owner=cast.sales, vat_number=VAT, pec="a@pec.example")
        open_opportunity(lead=lead, by=cast.sales)
        Company.objects.filter(pk=company.pk).update(pec="b@pec.example")
        assert "certified e-mail" in self.refusal(lead, cast.sales)

    def test_what_it_made_was_merged_away(self, cast, lead):
        merging.merge(keep=CompanyFactory(vat_number=""), absorb=Opportunity.objects.get().company, by=cast.manager)
        assert "no longer there" in self.refusal(lead, cast.manager)

    def test_the_lead_that_was_merged_into_another_one(self, cast, lead):
        keep, deal = LeadFactory(state="working", owner=cast.sales), Opportunity.objects.get()
        merging.merge(keep=lead, absorb=keep, by=cast.manager)
        assert undo_conversion(lead=lead, by=cast.sales).state == "qualified"
        assert not Opportunity.objects.filter(pk=deal.pk).exists()

    def test_a_day_has_gone_by(self, cast, lead):
        self.age(lead)
        assert "more than 24 hours" in self.refusal(lead, cast.sales)
        forget()
        assert Conversion.objects.get().kept == {}
        assert "more than 24 hours" in self.refusal(lead, cast.sales)

    def age(self, lead):
        long_ago = timezone.now() - timedelta(hours=25)
        with pgtrigger.ignore("opportunities.Conversion:frozen"):
            Conversion.objects.update(at=long_ago)
        Lead.objects.filter(pk=lead.pk).update(closed_at=long_ago)

    def test_never_converted(self, cast):
        assert "There is no conversion" in self.refusal(LeadFactory(state="qualified"), JOB)

    def test_without_the_right(self, cast, lead):
        for user in (cast.marketing, cast.nobody, access.Customer("x")):
            with pytest.raises(PermissionDenied):
                undo_conversion(lead=lead, by=user)


def test_what_was_agreed_counts_for_the_contact_and_no_longer_after(cast, newsletter):
    lead = LeadFactory(state="qualified", owner=cast.sales)
    given = agree(lead, newsletter, cast)
    deal = open_opportunity(lead=lead, by=cast.sales)
    copy = Consent.objects.about(deal.contact).get()
    assert [f.pk for f in copy.files.all()] == [f.pk for f in given.files.all()]
    undo_conversion(lead=lead, by=cast.sales)
    assert list(Consent.objects.all()) == [given]
    assert given.files.count() == 1


class TestPages:
    @pytest.fixture
    def lead(self, cast):
        return LeadFactory(state="qualified", owner=cast.sales, vat_number=VAT, pec="a@pec.example")

    def url(self, lead):
        return f"/opportunities/from-lead/{lead.pk}/undo/"

    def test_the_lead_offers_it_says_what_goes_and_does_it(self, cast, lead, client_of):
        client = client_of(cast.sales)
        assert self.url(lead) not in client.get(lead.get_absolute_url()).content.decode()
        deal = open_opportunity(lead=lead, by=cast.sales)
        assert self.url(lead) in client.get(lead.get_absolute_url()).content.decode()
        page = client.get(self.url(lead)).content.decode()
        assert str(deal) in page and str(deal.company) in page
        assert client.post(self.url(lead)).headers["Location"] == lead.get_absolute_url()
        assert not Opportunity.objects.exists()
        assert "undid the conversion" in client.get(lead.get_absolute_url()).content.decode()

    def test_reasons_are_said(self, cast, lead, client_of):
        deal = open_opportunity(lead=lead, by=cast.sales)
        NoteFactory(subject=deal, author=cast.sales)
        for answer in (client_of(cast.sales).get(self.url(lead)), client_of(cast.sales).post(self.url(lead))):
            assert answer.status_code == 409
            assert "Something hangs on" in answer.content.decode()

    def test_rights(self, cast, lead, client_of):
        open_opportunity(lead=lead, by=cast.sales)
        assert client_of(cast.sales2).post(self.url(lead)).status_code == 404
        assert client_of(cast.marketing).post(self.url(lead)).status_code == 403

    def test_the_preview_follows_the_choices(self, cast, lead, client_of):
        company = CompanyFactory(name="Pompe Adriatiche", vat_number=VAT, pec="")
        NoteFactory(subject=lead, author=cast.sales)
        client, base = client_of(cast.sales), f"/opportunities/from-lead/{lead.pk}/"
        page = client.get(base).content.decode()
        for text in (
            "What will happen",
            "Company: Pompe Adriatiche",
            "Filled in",
            "certified e-mail (PEC)",
            "Notes: 1",
        ):
            assert text in page
        new = client.get(base, {"preview": "1", "link": "new"}).content.decode()
        assert f"Company: {lead.company_name}" in new and "Linked" not in new and "<html" not in new
        bare = client.get(base, {"preview": "1", "link": str(company.pk)}).content.decode()
        assert "Linked" in bare and "Filled in" not in bare

    @pytest.mark.parametrize("query", ["link=x", "link=9999999999999999999999", "link=other&company=%FF", "link=other"])
    def test_nonsense_in_the_preview_is_no_error(self, cast, lead, client_of, query):
        url = f"/opportunities/from-lead/{lead.pk}/?preview=1&{query}"
        assert client_of(cast.sales).get(url).status_code == 200

    def test_the_note_stands_in_the_timeline(self, cast, lead, client_of):
        facts = {"link": "new", "name": "Pompe", "note": "Wants two of them"}
        answer = client_of(cast.sales).post(f"/opportunities/from-lead/{lead.pk}/", facts)
        assert "Wants two of them" in client_of(cast.sales).get(answer.headers["Location"]).content.decode()


class TestInBulk:
    def test_each_row_says_what_failed(self, cast, client_of):
        good = LeadFactory(state="qualified", owner=cast.sales)
        early = LeadFactory(state="working", owner=cast.sales, company_name="Presto S.p.A.")
        CompanyFactory(name="Pompe Adriatiche S.r.l.", vat_number="")
        unclear = LeadFactory(state="qualified", owner=cast.sales, company_name="Pompe Adriatiche")
        answer = client_of(cast.sales).post(
            "/leads/", {"verb": "convert", "ids": [good.pk, early.pk, unclear.pk], "confirmed": "1"}
        )
        page = answer.content.decode()
        assert "Presto S.p.A." in page and "Not possible while" in page
        assert "looks like it" in page
        assert list(Opportunity.objects.values_list("lead", flat=True)) == [good.pk]

    def test_those_who_may_not_are_not_offered_it(self, cast, client_of):
        lead = LeadFactory(state="qualified")
        answer = client_of(cast.marketing).post("/leads/", {"verb": "convert", "ids": [lead.pk], "confirmed": "1"})
        assert answer.status_code == 403
        assert not Opportunity.objects.exists()

"""Consents: given with proof, withdrawn, never overwritten; what a person said last counts."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import access
from core.lifecycle import Refused
from core.models import Consent, Event, Purpose, PurposeText
from core.outbox import relay
from core.privacy import consent
from leads.models import Lead
from opportunities.services import open_opportunity
from parties.models import Contact
from tests.factories import CompanyFactory, ContactFactory, LeadFactory

URL = "/privacy/leads/lead/{}/"


@pytest.fixture
def newsletter(db) -> Purpose:
    purpose = Purpose.objects.create(name="Newsletter", code="newsletter")
    PurposeText.objects.create(purpose=purpose, version=1, text_it="Ci sto", text_en="I agree")
    return purpose


def yes(person, purpose, **facts):
    given = {"by": access.JOB, "source": "form", "evidence": "Form 1"} | facts
    return consent.give(subject=person, purpose=purpose, **given)


def no(person, purpose, **facts):
    return consent.withdraw(subject=person, purpose=purpose, **({"by": access.JOB, "source": "email"} | facts))


def ago(days: int):
    return timezone.now() - timedelta(days=days)


@pytest.mark.parametrize("factory", [LeadFactory, ContactFactory])
def test_a_yes_keeps_its_proof_and_a_no_is_added_to_it(newsletter, factory):
    person = factory()
    given = yes(person, newsletter, ip="192.0.2.7", at=ago(2))
    assert consent.standing_of(person, newsletter).state == "given"
    no(person, newsletter)
    assert consent.standing_of(person, newsletter).state == "withdrawn"
    assert list(Consent.objects.about(person).values_list("given", flat=True)) == [False, True]
    assert (given.text.version, given.ip, given.email) == (1, "192.0.2.7", person.email.lower())
    names = set(Event.objects.about(person).values_list("name", flat=True))
    assert {f"{person._meta.model_name}.consent_given", f"{person._meta.model_name}.consent_withdrawn"} <= names


def test_what_was_said_last_counts_not_what_was_written_down_last(newsletter):
    lead = LeadFactory()
    no(lead, newsletter, at=ago(3))
    yes(lead, newsletter, source="paper", at=ago(30))
    assert consent.standing_of(lead, newsletter).state == "withdrawn"
    assert not consent.consenting(Lead.objects.all(), newsletter).exists()


def test_a_consent_runs_out(newsletter):
    newsletter.months = 24
    newsletter.save()
    old, fresh = LeadFactory(), LeadFactory()
    yes(old, newsletter, at=ago(800))
    yes(fresh, newsletter, at=ago(20))
    assert consent.standing_of(old, newsletter).state == "expired"
    assert list(consent.consenting(Lead.objects.all(), newsletter)) == [fresh]


def test_a_no_to_an_address_is_a_no_whoever_has_it(newsletter):
    lead, contact = LeadFactory(email="Anna@Rossi.example"), ContactFactory(email="anna@rossi.example")
    yes(lead, newsletter, at=ago(9))
    yes(contact, newsletter, at=ago(9))
    no(contact, newsletter)
    assert not consent.consenting(Lead.objects.all(), newsletter).exists()
    assert consent.standing_of(lead, newsletter).given


def test_a_proof_can_be_neither_changed_nor_deleted(newsletter):
    given = yes(LeadFactory(), newsletter)
    for change in (
        lambda: Consent.objects.update(given=False),
        given.delete,
        lambda: PurposeText.objects.update(text_it=""),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert Consent.objects.get().given


@pytest.mark.parametrize(
    "facts", [{"evidence": ""}, {"at": timezone.now() + timedelta(days=1)}, {"evidence": " ", "ip": None}]
)
def test_no_yes_without_proof_or_in_the_future(newsletter, facts):
    with pytest.raises(Refused):
        yes(LeadFactory(), newsletter, **facts)
    assert not Consent.objects.exists()


def test_only_people_consent_and_only_to_words(newsletter):
    with pytest.raises(Refused):
        yes(CompanyFactory(), newsletter)
    with pytest.raises(Refused):
        yes(LeadFactory(), Purpose.objects.create(name="Empty", code="empty"))
    newsletter.is_active = False
    newsletter.save()
    with pytest.raises(Refused):
        yes(LeadFactory(), newsletter)


def test_a_second_no_is_refused(newsletter):
    lead = LeadFactory()
    no(lead, newsletter)
    with pytest.raises(Refused):
        no(lead, newsletter)


def test_who_has_no_right_writes_nothing_down(newsletter, cast):
    with pytest.raises(PermissionDenied):
        yes(LeadFactory(), newsletter, by=cast.accountant)
    with pytest.raises(PermissionDenied):
        no(LeadFactory(), newsletter, by=cast.nobody)


def test_the_contact_made_of_a_lead_has_said_what_the_lead_has_said(newsletter, cast):
    lead = LeadFactory(state="qualified", owner=cast.sales)
    yes(lead, newsletter, at=ago(5))
    open_opportunity(lead=lead, by=cast.sales)
    relay()
    contact = Contact.objects.get()
    (carried,) = Consent.objects.about(contact)
    assert (carried.given, carried.evidence, carried.text.version) == (True, "Form 1", 1)
    assert list(consent.consenting(Contact.objects.all(), newsletter)) == [contact]


# --- Pages --------------------------------------------------------------------------------------------------------------


def test_the_panel_says_how_a_person_stands(newsletter, cast, client_of):
    lead, contact = LeadFactory(owner=cast.sales), ContactFactory()
    client = client_of(cast.sales)
    for person in (lead, contact):
        page = client.get(person.get_absolute_url()).content.decode()
        assert "Newsletter" in page and "Never asked" in page and "consent/" in page
    yes(lead, newsletter)
    assert "Given" in client.get(lead.get_absolute_url()).content.decode()
    assert 'id="consents"' not in client_of(cast.accountant).get(contact.get_absolute_url()).content.decode()
    assert 'id="consents"' not in client.get(contact.company.get_absolute_url()).content.decode()


def test_the_panel_costs_the_page_no_query(newsletter, cast, client_of):
    contact, client = ContactFactory(), client_of(cast.sales)
    yes(contact, newsletter)
    client.get(contact.get_absolute_url())
    with CaptureQueriesContext(connection) as captured:
        assert "Given" in client.get(contact.get_absolute_url()).content.decode()
    asked = [query["sql"] for query in captured if "core_consent" in query["sql"]]
    assert len(asked) == 1 and 'FROM "parties_contact"' in asked[0]


def test_a_consent_is_recorded_with_a_file_and_withdrawn_again(newsletter, cast, client_of):
    lead, client = LeadFactory(owner=cast.sales), client_of(cast.sales)
    url = URL.format(lead.pk)
    sheet = SimpleUploadedFile("sheet.txt", b"Signed: Marco Neri")
    data = {"purpose": newsletter.pk, "on": f"{ago(1):%Y-%m-%d}", "source": "paper", "proofs": sheet}
    assert client.post(f"{url}consent/", data).status_code == 302
    given = Consent.objects.get()
    assert (given.source, given.recorded_by, given.files.count()) == ("paper", cast.sales, 1)
    proof = client.get(f"/privacy/consents/{given.pk}/")
    assert "I agree" in proof.content.decode()
    file = client.get(f"/privacy/consents/{given.pk}/files/{given.files.get().pk}/")
    assert b"".join(file) == b"Signed: Marco Neri" and "attachment" in file["Content-Disposition"]
    said = {"on": f"{timezone.localdate():%Y-%m-%d}", "source": "phone"}
    assert client.post(f"{url}withdraw/newsletter/", said).status_code == 302
    assert consent.standing_of(lead, newsletter).state == "withdrawn"
    assert client.post(f"{url}withdraw/newsletter/", said).status_code == 409


def test_a_consent_without_proof_comes_back_with_what_was_typed(newsletter, cast, client_of):
    lead = LeadFactory(owner=cast.sales)
    data = {"purpose": newsletter.pk, "on": "2999-01-01", "source": "paper"}
    answer = client_of(cast.sales).post(f"{URL.format(lead.pk)}consent/", data)
    assert answer.status_code == 422 and "future" in answer.content.decode()
    answer = client_of(cast.sales).post(f"{URL.format(lead.pk)}consent/", data | {"on": "2026-01-01", "ip": "nonsense"})
    assert answer.status_code == 422 and not Consent.objects.exists()


def test_strangers_and_those_without_the_right_are_turned_away(newsletter, cast, client_of):
    lead = LeadFactory(owner=cast.sales)
    given = yes(lead, newsletter)
    for page in (f"{URL.format(lead.pk)}consent/", f"{URL.format(lead.pk)}withdraw/newsletter/"):
        assert client_of(cast.sales2).get(page).status_code == 404
        assert client_of(cast.sales2).post(page, {}).status_code == 404
        assert client_of(cast.accountant).get(page).status_code == 403
    assert client_of(cast.sales).get("/privacy/parties/company/1/consent/").status_code == 404
    assert client_of(cast.sales).get("/privacy/nonsense/lead/1/consent/").status_code == 404
    assert client_of(cast.sales).get(f"{URL.format(lead.pk)}withdraw/nothing/").status_code == 404
    assert client_of(cast.sales2).get(f"/privacy/consents/{given.pk}/").status_code == 404
    assert client_of(cast.accountant).get(f"/privacy/consents/{given.pk}/").status_code == 403
    assert client_of(cast.sales2).get("/privacy/consents/").content.decode().count(lead.email) == 0
    assert lead.email in client_of(cast.sales).get("/privacy/consents/").content.decode()
    assert lead.email.encode() not in b"".join(client_of(cast.sales2).get("/privacy/consents/export/"))


def test_the_register_is_narrowed_to_a_person(newsletter, cast, client_of):
    first, second = LeadFactory(owner=cast.sales), LeadFactory(owner=cast.sales)
    yes(first, newsletter)
    yes(second, newsletter)
    page = client_of(cast.sales).get(f"/privacy/consents/?about=leads.lead-{first.pk}").content.decode()
    assert first.email in page and second.email not in page
    for nonsense in ("x", "leads.lead-", "leads.lead-9999999999999999999", "auth.group-1"):
        assert client_of(cast.sales).get(f"/privacy/consents/?about={nonsense}").status_code == 200


def test_leads_and_contacts_are_listed_by_their_consent(newsletter, cast, client_of):
    lead, contact = LeadFactory(owner=cast.sales), ContactFactory()
    LeadFactory(owner=cast.sales, email="without@consent.example")
    yes(lead, newsletter)
    client = client_of(cast.sales)
    page = client.get("/leads/?consent=newsletter").content.decode()
    assert lead.company_name in page and page.count("<tr") == 2
    assert contact.email not in client.get("/contacts/?consent=newsletter").content.decode()


# --- Purposes -----------------------------------------------------------------------------------------------------------


def test_other_words_are_a_new_version_and_the_old_ones_stay(cast, client_of):
    client = client_of(cast.admin)
    data = {"name": "Profiling", "code": "profiling", "is_active": "on", "text_it": "Uno", "text_en": "One"}
    assert client.post("/privacy/purposes/new/", data).status_code == 302
    purpose = Purpose.objects.get()
    given = yes(LeadFactory(), purpose)
    assert client.post(f"/privacy/purposes/{purpose.pk}/edit/", data).status_code == 302
    assert client.post(f"/privacy/purposes/{purpose.pk}/edit/", data | {"text_it": "Due"}).status_code == 302
    assert [(t.version, t.text_it) for t in purpose.texts.all()] == [(2, "Due"), (1, "Uno")]
    given.refresh_from_db()
    assert given.text.text_it == "Uno"
    assert "Due" in client.get(f"/privacy/purposes/{purpose.pk}/").content.decode()


def test_only_administrators_change_purposes(newsletter, cast, client_of):
    assert client_of(cast.marketing).get("/privacy/purposes/").status_code == 200
    assert client_of(cast.marketing).get("/privacy/purposes/new/").status_code == 403
    assert client_of(cast.marketing).get(f"/privacy/purposes/{newsletter.pk}/edit/").status_code == 403
    assert client_of(cast.hr).get("/privacy/purposes/").status_code == 403

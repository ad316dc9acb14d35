"""Contacts: creation from a company's page, duplicates, what hangs on a person."""

import pytest
from django.urls import reverse

from parties.duplicates import similar_contacts
from parties.models import Contact
from tests.factories import CompanyFactory, ContactFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


def test_a_contact_is_made_from_its_companys_page(cast, client_of):
    company = CompanyFactory()
    client = client_of(cast.sales)
    assert f"/contacts/new/?company={company.pk}" in client.get(company.get_absolute_url()).text
    answer = client.post(
        f"/contacts/new/?company={company.pk}",
        {"first_name": "Anna", "last_name": "Verdi", "company": company.pk, "language": "it", "email": "a@x.example"},
    )
    assert answer.status_code == 302
    contact = Contact.objects.get()
    assert (contact.company, contact.owner, str(contact)) == (company, cast.sales, "Anna Verdi")


def test_similar_people_are_warned_of(cast, client_of):
    known = ContactFactory(first_name="Giulia", last_name="Bianchi", email="g@x.example")
    client, url = client_of(cast.sales), reverse("parties:contact_duplicates")
    assert known.get_absolute_url() in client.get(url, {"first_name": "Giulia", "last_name": "Bianchii"}).text
    assert known.get_absolute_url() in client.get(url, {"email": "G@X.example"}).text
    assert known.get_absolute_url() not in client.get(url, {"first_name": "Marco", "last_name": "Bianchi"}).text


def test_errors_beside_the_field(cast, client_of):
    answer = client_of(cast.sales).post("/contacts/new/", {"first_name": "Anna", "email": "x", "language": "it"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"last_name", "email"}


def test_the_page_shows_the_persons_deals(cast, client_of):
    contact = ContactFactory()
    deal = OpportunityFactory(contact=contact, company=contact.company, owner=cast.sales)
    assert deal.get_absolute_url() in client_of(cast.sales).get(contact.get_absolute_url()).text


def test_rights(cast, client_of):
    contact = ContactFactory()
    assert client_of(cast.nobody).get(contact.get_absolute_url()).status_code == 403
    assert client_of(cast.marketing).get(contact.edit_url).status_code == 403
    assert client_of(cast.care).get(contact.edit_url).status_code == 200


def test_the_same_address_comes_before_the_colleagues_on_the_same_switchboard(cast):
    ContactFactory.create_batch(12, last_name="Abate", email="", phone="+39 02 1234567")
    same = ContactFactory(last_name="Zanetti", email="Ada@Cartiera.example", phone="+39 02 1234567")

    found = similar_contacts(cast.manager, email="ada@cartiera.example", phone="02 1234567")

    assert [(twin.record == same, twin.reason) for twin in found] == [
        (True, "same e-mail address"),
        *[(False, "same phone number")] * 4,
    ]


def test_two_without_an_address_are_not_alike_for_that(cast):
    ContactFactory(email="")
    twin = ContactFactory(email="", phone="+39 02 1234567")

    found = similar_contacts(cast.manager, email="", phone="02 1234567")

    assert [(each.record, each.reason) for each in found] == [(twin, "same phone number")]


def test_a_namesake_is_found_among_many_who_share_a_first_or_a_last_name(cast):
    namesake = ContactFactory(first_name="Laura", last_name="Bianchi")
    ContactFactory.create_batch(120, first_name="Laura", last_name="Abate")
    ContactFactory.create_batch(120, first_name="Ada", last_name="Bianchi")

    found = similar_contacts(cast.manager, first_name="Laura", last_name="Bianci")

    assert [twin.record for twin in found] == [namesake]

"""Likely duplicates: found over the whole table, shown to those who see both, judged once."""

import pytest
from django.urls import reverse

from core import merging
from core.merging import pairs
from core.models import LikelyPair
from leads.models import Lead
from parties.models import Company
from tests.factories import CompanyFactory, ContactFactory, LeadFactory

pytestmark = pytest.mark.django_db
URL = "/duplicates/"


def found(kind):
    pairs.find_all()
    return {(pair.one, pair.other): pair.why for pair in LikelyPair.objects.filter(kind=kind, dismissed_at=None)}


def company(**values):
    return CompanyFactory(**{"vat_number": "", "email": "", "phone": "", **values})


def lead(**values):
    return LeadFactory(**{"email": "", "phone": "", **values})


@pytest.mark.parametrize(
    ("one", "other", "why"),
    [
        ({"vat_number": "00743110157"}, {"vat_number": "IT 00743110157"}, "vat_number"),
        ({"tax_code": "RSSMRA80A01H501U"}, {"tax_code": "rssmra80a01h501u"}, "tax_code"),
        ({"email": "Info@alfa.example"}, {"email": "info@ALFA.example"}, "email"),
        ({"phone": "+39 02 5566778"}, {"phone": "02.556.6778"}, "phone"),
        ({"name": "Fonderie Città Nuova S.r.l."}, {"name": "FONDERIE CITTA NUOVA"}, "name"),
        ({"name": "Fonderie Nuove"}, {"name": "Fonderie Nuove srl", "city": ""}, "name"),
        ({"name": "Fonderie Nuove"}, {"name": "Fonderie Nuove", "city": "Bari"}, None),
        ({"name": "Fonderie Nuove"}, {"name": "Tornerie Nuove"}, None),
        ({"phone": "123"}, {"phone": "123"}, None),
        ({}, {}, None),
    ],
)
def test_companies(one, other, why):
    first = company(**{"name": "Alfa", **one})
    second = company(**{"name": "Zeta e figli", **other})
    assert found("parties.company") == ({(first.pk, second.pk): why} if why else {})


def test_contacts_of_one_switchboard_are_many_people():
    boss = CompanyFactory()
    ContactFactory(company=boss, first_name="Anna", last_name="Blu", phone="02 5566778")
    ContactFactory(company=boss, first_name="Ugo", last_name="Neri", phone="02 5566778")
    assert found("parties.contact") == {}
    one, two = (ContactFactory(company=boss, first_name="Marta", last_name=name) for name in ("Galli", "Gallì"))
    ContactFactory(first_name="Marta", last_name="Galli")
    assert found("parties.contact") == {(one.pk, two.pk): "name"}


def test_lost_leads_are_no_duplicates_and_keys_of_many_say_nothing():
    one, two = lead(email="a@alfa.example", company_name="A b"), lead(email="A@alfa.example", company_name="C d")
    for state in ("lost", "converted"):
        lead(email="a@alfa.example", state=state, company_name=f"E {state}")
    for n in range(pairs.MOST_OF_A_KEY + 1):
        lead(phone="02 1234567", company_name=f"{n}{n} {chr(97 + n)}")
    assert found("leads.lead") == {(one.pk, two.pk): "email"}


def test_what_was_judged_stays_and_what_is_no_longer_alike_goes(cast, client_of):
    one, two = company(email="a@alfa.example", name="A b"), company(email="a@alfa.example", name="C d")
    assert len(found("parties.company")) == 1
    pair = LikelyPair.objects.get()
    client = client_of(cast.manager)
    assert "same e-mail address" in client.get(f"{URL}?kind=parties.company").text
    assert client.post(reverse("core:duplicates_dismiss", args=[pair.pk])).status_code == 302
    assert found("parties.company") == {}
    assert LikelyPair.objects.get().dismissed_by == cast.manager
    LikelyPair.objects.all().delete()
    assert len(found("parties.company")) == 1
    Company.objects.filter(pk=two.pk).update(email="")
    assert found("parties.company") == {}
    assert one.email


# --- Rights ---------------------------------------------------------------------------------------------------------------


def test_who_may_not_merge_sees_no_pairs(cast, client_of):
    for who, status in ((cast.nobody, 403), (cast.hr, 403), (cast.pm, 403), (cast.sales, 200), (cast.marketing, 200)):
        assert client_of(who).get(URL).status_code == status
    client = client_of(cast.sales)
    kinds = [url for _label, url, _here in client.get(URL).context["tabs"]]
    assert kinds == ["?kind=leads.lead", "?kind=parties.contact"]
    assert client.get(f"{URL}?kind=parties.company").context["tabs"][0][2]


def test_pairs_are_shown_to_those_who_see_both(cast, client_of):
    mine = [lead(email="a@alfa.example", owner=cast.sales, company_name=name) for name in ("A b", "C d")]
    theirs = lead(email="b@alfa.example", owner=cast.sales2, company_name="E f")
    lead(email="b@alfa.example", owner=cast.sales, company_name="G h")
    assert len(found("leads.lead")) == 2
    client = client_of(cast.sales)
    rows = client.get(f"{URL}?kind=leads.lead").context["pairs"]
    assert [[record for record, _facts in row["both"]] for row in rows] == [mine]
    hidden = LikelyPair.objects.get(one=theirs.pk)
    assert client.post(reverse("core:duplicates_dismiss", args=[hidden.pk])).status_code == 404
    assert client_of(cast.nobody).post(reverse("core:duplicates_dismiss", args=[hidden.pk])).status_code == 403
    Lead.objects.filter(pk=theirs.pk).delete()
    assert len(client_of(cast.manager).get(f"{URL}?kind=leads.lead").context["pairs"]) == 1


def test_a_merged_pair_is_gone_and_one_comes_back_to_the_list(cast, client_of):
    one, two = company(email="a@alfa.example", name="A b"), company(email="a@alfa.example", name="C d")
    pairs.find_all()
    client = client_of(cast.manager)
    row = client.get(f"{URL}?kind=parties.company").context["pairs"][0]
    answer = client.post(f"{row['url']}?next=/duplicates/%3Fkind%3Dparties.company")
    assert answer.url == "/duplicates/?kind=parties.company"
    assert client.get(answer.url).context["pairs"] == []
    assert merging.successor(Company, two.pk) == one.pk


def test_pages_of_the_list(cast, client_of, django_assert_max_num_queries):
    for n in range(30):
        for _twice in range(2):
            company(email=f"a{n}@alfa.example", name=f"{n} {chr(97 + n)}")
    pairs.find_all()
    client = client_of(cast.manager)
    page = client.get(f"{URL}?kind=parties.company")
    assert len(page.context["pairs"]) == 25
    with django_assert_max_num_queries(10):
        last = client.get(URL + page.context["next_url"])
    assert len(last.context["pairs"]) == 5
    assert client.get(f"{URL}?start=-1&kind=x").status_code == 200

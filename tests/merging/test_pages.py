"""The pages of merging: rights first, both side by side, what was typed stays, the old address leads on."""

import pytest
from django.urls import reverse

from core import merging
from core.merging.pages import merge_url
from core.models import CustomField, Merge
from leads.models import Lead
from parties.models import Company
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    InvoiceFactory,
    LeadFactory,
    NoteFactory,
    OpportunityFactory,
    QuoteFactory,
)

pytestmark = pytest.mark.django_db


def url_of(keep, absorb):
    return merge_url(keep, absorb)


# --- Rights ---------------------------------------------------------------------------------------------------------------


def test_who_may_not_merge_sees_no_page_and_no_way_to_it(cast, client_of):
    keep, absorb = CompanyFactory(), CompanyFactory()
    for who, status in ((cast.nobody, 403), (cast.sales, 403), (cast.accountant, 200)):
        assert client_of(who).get(url_of(keep, absorb)).status_code == status
        assert client_of(who).post(url_of(keep, absorb)).status_code in ((302,) if status == 200 else (403,))
    keep, absorb = CompanyFactory(), CompanyFactory()
    choose = reverse("core:merge_choose", args=["parties", "company", keep.pk])
    assert choose not in client_of(cast.sales).get(keep.get_absolute_url()).text
    assert choose in client_of(cast.manager).get(keep.get_absolute_url()).text
    assert client_of(cast.sales).get(choose).status_code == 403


def test_what_is_out_of_sight_is_not_there(cast, client_of):
    mine, theirs = LeadFactory(owner=cast.sales), LeadFactory(owner=cast.sales2)
    client = client_of(cast.sales)
    for pair in ((mine, theirs), (theirs, mine)):
        assert client.get(url_of(*pair)).status_code == 404
        assert client.post(url_of(*pair)).status_code == 404
    choose = reverse("core:merge_choose", args=["leads", "lead", mine.pk])
    assert client.post(choose, {"other": theirs.pk}).status_code == 422
    done = merging.merge(keep=theirs, absorb=LeadFactory(owner=cast.sales2), by=cast.sales2)
    assert client.get(done.get_absolute_url()).status_code == 404
    assert client.post(reverse("core:merge_undo", args=[done.pk])).status_code == 404


def test_only_kinds_that_merge_have_pages(cast, client_of):
    quote = QuoteFactory()
    client = client_of(cast.admin)
    assert client.get(f"/merge/quotes/quote/{quote.pk}/{quote.pk}/").status_code == 404
    assert client.get("/merge/x/y/1/2/").status_code == 404
    assert client.get("/merges/999999/").status_code == 404


def test_children_out_of_sight_are_not_counted(cast, client_of):
    keep, absorb = CompanyFactory(), CompanyFactory()
    OpportunityFactory(company=absorb, owner=cast.sales2)
    ContactFactory(company=absorb)

    def counted(user):
        return {what: there for what, _here, there in client_of(user).get(url_of(keep, absorb)).context["children"]}

    assert counted(cast.accountant) == {"Contacts": 1}
    assert counted(cast.manager) == {"Contacts": 1, "Opportunities": 1}


# --- Side by side ---------------------------------------------------------------------------------------------------------


def test_two_companies_become_one_and_two_again(cast, client_of):
    invoice = InvoiceFactory(state="issued")
    absorb, keep = invoice.company, CompanyFactory(name="Alfa", phone="", notes="One", tags=["vip"], custom={"size": 3})
    Company.objects.filter(pk=absorb.pk).update(name="Alfa S.r.l.", phone="02 1", notes="Two", custom={"size": 9})
    CustomField.objects.create(model=_type(Company), name="size", label="Number of machines", kind="number")
    NoteFactory(subject=absorb, body="They have moved")
    client = client_of(cast.manager)
    page = client.get(url_of(keep, absorb))
    for text in ("Alfa S.r.l.", "Number of machines", "Invoices", "vip", 'name="custom.size"', "Both texts"):
        assert text in page.text
    answer = client.post(
        url_of(keep, absorb),
        {"_seen": page.context["seen"], "name": "absorb", "notes": "both", "custom.size": "absorb", "phone": "absorb"},
    )
    assert answer.url == keep.get_absolute_url()
    keep.refresh_from_db()
    assert (keep.name, keep.notes, keep.custom) == ("Alfa S.r.l.", "One\n\nTwo", {"size": 9})
    page = client.get(answer.url).text
    assert "They have moved" in page
    done = Merge.objects.get()
    assert done.get_absolute_url() in page
    told = client.get(done.get_absolute_url()).text
    for text in ("Alfa S.r.l.", "Number of machines", "Undo the merge", "Invoices: 1"):
        assert text in told
    answer = client.post(reverse("core:merge_undo", args=[done.pk]))
    assert answer.url == absorb.get_absolute_url()
    assert client.get(answer.url).status_code == 200
    assert client.get(done.get_absolute_url()).status_code == 200
    assert client.post(reverse("core:merge_undo", args=[done.pk])).status_code == 409


def test_a_refusal_keeps_what_was_chosen(cast, client_of):
    keep, absorb = CompanyFactory(name="Alfa", vat_number=""), CompanyFactory(name="Beta", vat_number="123")
    client = client_of(cast.manager)
    page = client.post(url_of(keep, absorb), {"name": "absorb", "vat_number": "absorb"})
    assert page.status_code == 422
    assert "not a valid VAT number" in page.text
    chosen = {row["name"]: [option for option, _shown, on in row["options"] if on] for row in page.context["rows"]}
    assert (chosen["name"], chosen["vat_number"]) == (["absorb"], ["absorb"])


def test_somebody_was_faster(cast, client_of):
    keep, absorb = CompanyFactory(), CompanyFactory()
    client = client_of(cast.manager)
    seen = client.get(url_of(keep, absorb)).context["seen"]
    absorb.save()
    page = client.post(url_of(keep, absorb), {"_seen": seen})
    assert page.status_code == 409
    assert "since you opened this page" in page.text
    assert Company.objects.filter(pk=absorb.pk).exists()


def test_a_converted_lead_stays(cast, client_of):
    new, converted = LeadFactory(owner=cast.sales), LeadFactory(owner=cast.sales, state="converted")
    client = client_of(cast.sales)
    page = client.get(url_of(new, converted))
    assert page.status_code == 409
    assert url_of(converted, new) in page.text
    page = client.get(url_of(converted, new))
    assert "its own fields remain" in page.text
    assert client.post(url_of(converted, new), {"_seen": page.context["seen"]}).status_code == 302


def test_handing_the_record_on_by_merging_leads_to_the_list(cast, client_of):
    keep, absorb = LeadFactory(owner=None), LeadFactory(owner=cast.sales)
    answer = client_of(cast.sales).post(url_of(keep, absorb), {"owner": "absorb"})
    assert answer.url == keep.get_absolute_url()


# --- The way there and back -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["detail", "edit"])
def test_the_old_address_leads_to_the_one_that_stayed(cast, client_of, page):
    one, two, three = CompanyFactory.create_batch(3)
    merging.merge(keep=two, absorb=one, by=cast.manager)
    merging.merge(keep=three, absorb=two, by=cast.manager)
    name = f"parties:company_{page}"
    answer = client_of(cast.manager).get(reverse(name, args=[one.pk]) + "?kind=note")
    assert (answer.status_code, answer.url) == (302, reverse(name, args=[three.pk]) + "?kind=note")
    assert client_of(cast.manager).post(reverse(name, args=[one.pk])).status_code in (404, 405)
    assert client_of(cast.manager).get(reverse(name, args=[9_999_999])).status_code == 404


def test_the_old_address_tells_strangers_nothing(cast, client_of):
    keep, absorb = LeadFactory(owner=cast.sales2), LeadFactory(owner=cast.sales2)
    merging.merge(keep=keep, absorb=absorb, by=cast.sales2)
    assert client_of(cast.sales).get(absorb.get_absolute_url()).status_code == 404
    assert client_of(cast.sales2).get(absorb.get_absolute_url()).url == keep.get_absolute_url()


def test_the_other_one_is_picked_or_proposed(cast, client_of):
    keep = ContactFactory(first_name="Giulia", last_name="Verdi")
    twin = ContactFactory(first_name="Giulia", last_name="Verdi", company=keep.company)
    client = client_of(cast.sales)
    choose = reverse("core:merge_choose", args=["parties", "contact", keep.pk])
    page = client.get(choose).text
    assert url_of(keep, twin) in page
    assert url_of(keep, twin) in client.get(keep.get_absolute_url()).text
    assert client.post(choose, {"other": twin.pk}).url == url_of(keep, twin)
    assert client.post(choose, {"other": ""}).status_code == 422
    assert client.post(choose, {"other": keep.pk}).status_code == 422


def test_what_was_erased_is_told_and_not_offered(cast, client_of):
    keep, absorb = CompanyFactory(), CompanyFactory()
    done = merging.merge(keep=keep, absorb=absorb, by=cast.manager)
    Merge.objects.filter(pk=done.pk).update(kept={})
    page = client_of(cast.manager).get(done.get_absolute_url()).text
    assert "erased" in page
    assert reverse("core:merge_undo", args=[done.pk]) not in page


# --- Warned while typing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        {"company_name": "officine meccanice rossi", "city": "milano"},
        {"company_name": "Officine Meccaniche Rossi"},
        {"email": "INFO@rossi.example"},
        {"phone": "02.55.66.778"},
        {"phone": "0039 0255 66778"},
        {"vat_number": "00743110157"},
    ],
)
def test_leads_are_known_by_number_mail_phone_and_name(cast, client_of, typed):
    known = LeadFactory(
        company_name="Officine Meccaniche Rossi S.r.l.",
        city="Milano",
        email="info@rossi.example",
        phone="+39 02 5566778",
        vat_number="00743110157",
        owner=cast.sales,
    )
    LeadFactory(company_name="Officine Meccaniche Rossi SpA", city="Palermo", owner=cast.sales2)
    url = reverse("leads:lead_duplicates")
    assert known.get_absolute_url() in client_of(cast.sales).get(url, typed).text
    assert known.get_absolute_url() not in client_of(cast.sales2).get(url, typed).text
    assert known.get_absolute_url() not in client_of(cast.sales).get(url, {**typed, "pk": known.pk}).text


def test_a_person_without_a_company_is_known_by_name_and_town(cast, client_of):
    known = LeadFactory(company_name="", first_name="Niccolò", last_name="Fabbri", city="Pisa", owner=cast.sales)
    client, url = client_of(cast.sales), reverse("leads:lead_duplicates")
    typed = {"first_name": "Niccolo", "last_name": "Fabbrii"}
    assert known.get_absolute_url() in client.get(url, {**typed, "city": "pisa"}).text
    assert known.get_absolute_url() not in client.get(url, {**typed, "city": "Trieste"}).text
    assert known.get_absolute_url() not in client.get(url, {"first_name": "Niccolò"}).text


@pytest.mark.parametrize("typed", [{"tax_code": "rss mra 80a01 h501u"}, {"phone": "02 5566778"}])
def test_companies_are_known_by_tax_code_and_phone(cast, client_of, typed):
    known = CompanyFactory(tax_code="RSSMRA80A01H501U", phone="+39 02 5566778")
    url = reverse("parties:company_duplicates")
    assert known.get_absolute_url() in client_of(cast.sales).get(url, typed).text
    assert "alert" not in client_of(cast.sales).get(url, {name: value[:5] for name, value in typed.items()}).text


def test_contacts_are_known_by_phone(cast, client_of):
    known = ContactFactory(mobile="+39 347 1234567")
    url = reverse("parties:contact_duplicates")
    assert known.get_absolute_url() in client_of(cast.sales).get(url, {"phone": "347 12 34 567"}).text


def test_a_lead_warns_on_its_page_of_others_like_it(cast, client_of):
    one, two = LeadFactory.create_batch(2, email="same@x.example", owner=cast.sales)
    assert url_of(one, two) in client_of(cast.sales).get(one.get_absolute_url()).text
    converted = LeadFactory(email="same@x.example", owner=cast.sales, state="converted")
    page = client_of(cast.sales).get(one.get_absolute_url()).text
    assert url_of(converted, one) in page
    assert url_of(one, converted) not in page
    Lead.objects.filter(pk=two.pk).update(owner=cast.sales2)
    assert two.get_absolute_url() not in client_of(cast.sales).get(one.get_absolute_url()).text


def _type(model):
    from django.contrib.contenttypes.models import ContentType

    return ContentType.objects.get_for_model(model)

"""Companies: what is typed is tidied and judged beside its field, who sees what, what hangs on a company."""

from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from core.models import Event
from parties.models import Company
from tests.factories import (
    CaseFactory,
    CompanyFactory,
    ContactFactory,
    ContractFactory,
    InvoiceFactory,
    OpportunityFactory,
)

pytestmark = pytest.mark.django_db

CREATE = "/companies/new/"


def typed(**changes):
    return {
        "name": "Officine Rossi S.r.l.",
        "country": "IT",
        "language": "it",
        "payment_days": "30",
        "vat_number": "",
        **changes,
    }


def test_what_is_typed_is_tidied(cast, client_of):
    answer = client_of(cast.sales).post(
        CREATE,
        typed(
            name="  Officine   Rossi ",
            vat_number="IT 0074 3110157",
            tax_code="rss mra 80a01 h501u",
            sdi_code="abc 1234",
            province="na",
            city="Napoli",
            postcode="80100",
        ),
    )
    assert answer.status_code == 302
    company = Company.objects.get()
    assert (company.name, company.vat_number, company.tax_code) == ("Officine Rossi", "00743110157", "RSSMRA80A01H501U")
    assert (company.sdi_code, company.province, company.owner) == ("ABC1234", "NA", cast.sales)
    assert answer.url == company.get_absolute_url()
    assert Event.objects.filter(name="company.created", subject_id=company.pk, actor=cast.sales).exists()


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("vat_number", "00743110158", "not a valid VAT number"),
        ("vat_number", "DE12", "not a valid VAT number"),
        ("tax_code", "RSSMRA80A01H501X", "not a valid codice fiscale"),
        ("sdi_code", "12", "SdI code"),
        ("postcode", "ABCDE", "five digits"),
        ("email", "no at sign", "email"),
        ("country", "XX", "XX"),
        ("payment_days", "9999", "365"),
        ("employees", "-1", "0"),
        ("name", "", "required"),
        ("name", "x" * 5000, "200"),
        ("website", "javascript:alert(1)", "URL"),
    ],
)
def test_a_wrong_value_is_named_beside_its_field_and_nothing_typed_is_lost(cast, client_of, field, value, sentence):
    answer = client_of(cast.sales).post(CREATE, typed(**{"city": "Forlì", field: value}))
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert list(errors) == [field]
    assert sentence in str(errors[field])
    assert "Forlì" in answer.text
    assert not Company.objects.exists()


def test_a_company_is_no_subsidiary_of_itself(cast, client_of):
    mother = CompanyFactory()
    daughter = CompanyFactory(parent=mother)
    answer = client_of(cast.sales).post(mother.edit_url, typed(parent=daughter.pk))
    assert answer.status_code == 422
    assert "parent" in answer.context["form"].errors


def test_duplicates_are_warned_of_while_typing(cast, client_of):
    known = CompanyFactory(name="Officine Meccaniche Rossi S.r.l.", city="Milano", email="info@rossi.example")
    far = CompanyFactory(name="Officine Meccaniche Rossi SpA", city="Palermo", vat_number="", email="")
    url = reverse("parties:company_duplicates")
    client = client_of(cast.sales)
    by_name = client.get(url, {"name": "officine meccanice rossi", "city": "milano"}).text
    assert known.get_absolute_url() in by_name
    assert far.get_absolute_url() not in by_name
    assert known.get_absolute_url() in client.get(url, {"vat_number": "it 00743110157"}).text
    assert known.get_absolute_url() in client.get(url, {"email": "INFO@rossi.example"}).text
    assert "alert" not in client.get(url, {"name": "Tornerie Verdi"}).text
    assert known.get_absolute_url() not in client.get(url, {"vat_number": "00743110157", "pk": known.pk}).text
    assert client.get(url, {"name": "')| :* & <b>", "pk": "x"}).status_code == 200


def test_a_warning_is_no_obstacle_and_the_page_repeats_it(cast, client_of):
    known = CompanyFactory(name="Rossi")
    client = client_of(cast.sales)
    assert client.post(CREATE, typed(name="Rossi", vat_number="00743110157")).status_code == 302
    new = Company.objects.exclude(pk=known.pk).get()
    assert known.get_absolute_url() in client.get(new.get_absolute_url()).text


def test_the_page_shows_what_hangs_on_a_company_as_far_as_the_reader_may_see_it(cast, client_of):
    company = CompanyFactory(name="Acme")
    contact = ContactFactory(company=company)
    mine = OpportunityFactory(company=company, owner=cast.sales, name="Deal of mine")
    OpportunityFactory(company=company, owner=cast.sales2, name="Deal of another team")
    contract = ContractFactory(company=company, owner=cast.manager)
    InvoiceFactory(company=company, contract=contract, title="Invoice for Acme")
    CaseFactory(company=company, title="It leaks")
    page = client_of(cast.sales).get(company.get_absolute_url()).text
    assert contact.get_absolute_url() in page
    assert mine.get_absolute_url() in page
    assert "Deal of another team" not in page
    assert "Invoice for Acme" in client_of(cast.accountant).get(company.get_absolute_url()).text
    care = client_of(cast.care).get(company.get_absolute_url()).text
    assert "It leaks" in care
    assert "Deal of mine" not in care
    assert "/opportunities/new/" not in care


def test_rights(cast, client_of):
    company = CompanyFactory()
    assert client_of(cast.nobody).get("/companies/").status_code == 403
    assert client_of(cast.nobody).get(company.get_absolute_url()).status_code == 403
    assert client_of(cast.nobody).get(reverse("parties:company_duplicates")).status_code == 403
    assert client_of(cast.pm).get(company.get_absolute_url()).status_code == 200
    assert client_of(cast.pm).get(company.edit_url).status_code == 403
    assert client_of(cast.pm).get(CREATE).status_code == 403
    assert client_of(cast.sales).get("/companies/999999/").status_code == 404


def test_the_list_filters_searches_and_exports(cast, client_of):
    CompanyFactory(name="Alfa", city="Roma", is_customer=True)
    CompanyFactory(name="Beta", city="Milano", is_supplier=True)
    client = client_of(cast.sales)
    assert "Beta" not in client.get("/companies/?is_customer=true").text
    assert "Alfa" not in client.get("/companies/?city=mil").text
    assert "Beta" not in client.get("/companies/?q=alf").text
    exported = b"".join(client.get("/companies/export/?format=csv&city=roma").streaming_content).decode()
    assert "Alfa" in exported
    assert "Beta" not in exported


def test_an_edit_is_in_the_timeline(cast, client_of):
    company = CompanyFactory(city="Milano")
    client = client_of(cast.sales)
    client.post(company.edit_url, typed(name=company.name, city="Torino"))
    page = client.get(company.get_absolute_url()).text
    assert "Milano → Torino" in page
    assert "Sales Test" in page


@pytest.mark.parametrize("path", ["/companies/", "/contacts/"])
def test_the_number_of_queries_does_not_grow(cast, client_of, path, django_assert_max_num_queries):
    ContactFactory.create_batch(3)
    client = client_of(cast.sales)
    client.get(path)
    with django_assert_max_num_queries(10):
        client.get(path)
    ContactFactory.create_batch(25)
    with django_assert_max_num_queries(10):
        client.get(path)


def test_the_admin_exports_and_imports(cast, client_of):
    from django.core.files.uploadedfile import SimpleUploadedFile

    CompanyFactory(name="Alfa", external_key="a1")
    client = client_of(cast.admin)
    assert client.get("/admin/parties/company/import/").status_code == 200
    table = SimpleUploadedFile("t.csv", b"external_key,name,country\nb1,Beta,Germania\na1,Alfa Due,IT\n", "text/csv")
    answer = client.post("/admin/parties/company/import/", {"import_file": table, "format": "0"})
    assert answer.status_code == 200
    assert not answer.context["result"].has_errors()
    confirm = {name: field.initial for name, field in answer.context["confirm_form"].fields.items()}
    confirm |= answer.context["confirm_form"].initial
    client.post("/admin/parties/company/process_import/", confirm)
    assert Company.objects.get(external_key="b1").country == "DE"
    assert Company.objects.get(external_key="a1").name == "Alfa Due"


def test_the_admin_exchanges_workbooks(cast, client_of):
    CompanyFactory(name="Alfa", external_key="a1")
    client = client_of(cast.admin)

    asked = client.get("/admin/parties/company/export/").context["form"]
    formats = {label: key for key, label in asked.fields["format"].choices}
    sent = {"format": formats["xlsx"], "resource": "0"} | dict.fromkeys(
        asked.fields.keys() - {"format", "resource", "export_items"}, "on"
    )
    answer = client.post("/admin/parties/company/export/", sent)

    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    assert {"Alfa"} == {row[rows[0].index("name")] for row in rows[1:]}


@pytest.mark.parametrize("path", ["/companies/new/", "/contacts/new/", "/products/new/", "/activities/new/"])
def test_forms_open_in_the_dialog_too(cast, client_of, path):
    answer = client_of(cast.admin).get(path, headers={"HX-Request": "true", "HX-Target": "modal-content"})
    assert answer.status_code == 200
    assert "modal-body" in answer.text
    assert "<html" not in answer.text


def test_the_timeline_is_filtered_in_place_on_a_page_with_a_template_of_its_own(cast, client_of):
    company = CompanyFactory()
    headers = {"HX-Request": "true", "HX-Target": "timeline"}
    answer = client_of(cast.sales).get(f"{company.get_absolute_url()}?kind=note", headers=headers)
    assert answer.status_code == 200
    assert "<html" not in answer.text

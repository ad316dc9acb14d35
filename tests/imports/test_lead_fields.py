"""A list of leads as an Italian office heads it: every field of a lead finds its column, and is checked as in the form."""

import pytest

from leads.forms import LeadForm
from leads.models import Lead
from leads.resources import LeadResource
from tests.imports.wizard import bring_in, mapping_form, the_run, upload

pytestmark = pytest.mark.django_db

ROW = {
    "Ragione sociale": "Pompe Adriatiche S.r.l.", "Nome": "Anna", "Cognome": "Neri", "Ruolo": "Titolare",
    "E-mail": "anna@pompe.example", "Telefono": "051 123456", "Partita IVA": "IT 00743110157",
    "Codice fiscale": "00743110157", "Codice destinatario": "abc1234", "PEC": "pompe@pec.example",
    "Indirizzo": "Via Emilia 1", "CAP": "40121", "Comune": "Bologna", "Prov.": "BO", "Nazione": "Italia",
    "Lingua": "Italiano", "Provenienza": "Fiera", "Interesse": "Pompe", "Budget previsto": "12.500,00",
    "Esigenza": "Le vecchie perdono", "Decisore": "Il titolare", "Decisione entro": "31/01/2027", "Idoneità": "good",
    "Sito web": "https://pompe.example", "Messaggio": "Chiamare",
}  # fmt: skip
FIELDS = {
    "Ragione sociale": "company_name", "Nome": "first_name", "Cognome": "last_name", "Ruolo": "job_title",
    "E-mail": "email", "Telefono": "phone", "Partita IVA": "vat_number", "Codice fiscale": "tax_code",
    "Codice destinatario": "sdi_code", "PEC": "pec", "Indirizzo": "street", "CAP": "postcode", "Comune": "city",
    "Prov.": "province", "Nazione": "country", "Lingua": "language", "Provenienza": "source", "Interesse": "interest",
    "Budget previsto": "budget", "Esigenza": "need", "Decisore": "authority", "Decisione entro": "decision_by",
    "Sito web": "website", "Messaggio": "message",
}  # fmt: skip


def table(**changes):
    row = ROW | changes
    return ";".join(row) + "\n" + ";".join(row.values()) + "\n"


def test_every_field_of_the_form_can_be_imported_and_exported():
    assert set(LeadForm.Meta.fields) <= set(LeadResource().fields)


def test_headers_of_an_italian_office_are_understood(cast, client_of):
    client = client_of(cast.marketing)
    upload(client, table())
    form = mapping_form(client, the_run())
    guessed = {header: form[f"field-{at}"].value() for at, header in form.headers}
    assert {header: name for header, name in guessed.items() if name} == FIELDS


def test_all_of_it_comes_in(cast, client_of):
    run = bring_in(client_of(cast.marketing), table(), field_Idoneità="fit")
    lead = Lead.objects.get()
    assert run.state == "done"
    assert (lead.vat_number, lead.tax_code, lead.sdi_code) == ("00743110157", "00743110157", "ABC1234")
    assert (lead.pec, lead.street, lead.postcode) == ("pompe@pec.example", "Via Emilia 1", "40121")
    assert (lead.city, lead.province, lead.country, lead.language) == ("Bologna", "BO", "IT", "it")
    assert (lead.need, lead.authority, lead.fit) == ("Le vecchie perdono", "Il titolare", "good")
    assert (str(lead.budget.amount), lead.decision_by.isoformat()) == ("12500.00", "2027-01-31")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Partita IVA", "00743110158"),
        ("Codice fiscale", "NRENNA80A41H501X"),
        ("Codice destinatario", "AB"),
        ("PEC", "no address"),
        ("CAP", "4" * 13),
        ("Lingua", "Klingon"),
        ("Budget previsto", "-5"),
        ("Decisione entro", "31/02/2027"),
    ],
)
def test_it_is_checked_as_in_the_form(cast, client_of, header, value):
    run = bring_in(client_of(cast.marketing), table(**{header: value}))
    assert not Lead.objects.exists()
    assert (run.counts["error"], run.counts["create"]) == (1, 0)


def test_a_foreign_number_says_the_country(cast, client_of):
    row = {"Partita IVA": "DE136695976", "Codice fiscale": "", "Codice destinatario": "", "Nazione": ""}
    bring_in(client_of(cast.marketing), table(**row))
    assert (Lead.objects.get().country, Lead.objects.get().vat_number) == ("DE", "DE136695976")


def test_the_export_has_them_all(cast):
    Lead.objects.create(
        company_name="Pompe", tax_code="00743110157", sdi_code="ABC1234", pec="p@pec.example", fit="good"
    )
    found = LeadResource(user=cast.manager).export(Lead.objects.all()).dict[0]
    assert [found[name] for name in ("tax_code", "sdi_code", "pec", "fit")] == [
        "00743110157", "ABC1234", "p@pec.example", "good",
    ]  # fmt: skip

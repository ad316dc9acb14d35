"""The command: good rows go in, bad ones are named, a second run skips everything."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.models import Event
from leads.models import Lead
from parties.models import Company, Contact
from tests.factories import CompanyFactory, UserFactory

pytestmark = pytest.mark.django_db


def run(resource, path, **options):
    out = StringIO()
    call_command("import_table", resource, path, stdout=out, **{"language": "en", **options})
    return out.getvalue()


@pytest.fixture
def companies(tmp_path):
    path = tmp_path / "companies.csv"
    path.write_text(
        "external_key;name;vat_number;country;employees;parent;is_customer\n"
        "1;Officine Rossi;IT 00743110157;Italia;12;Gruppo Bianchi;sì\n"
        "2;Gruppo Bianchi;;Germany;;;no\n"
        "3;;12345678901;Atlantide;-4;;forse\n"
        "4;Solo;;;;Nessuno;\n"
    )
    return path


def test_good_rows_go_in_and_bad_ones_are_named_with_every_reason(companies):
    text = run("companies", companies)
    rossi = Company.objects.get(external_key="1")
    assert (rossi.vat_number, rossi.country, rossi.employees, rossi.is_customer) == ("00743110157", "IT", 12, True)
    assert rossi.parent.name == "Gruppo Bianchi"  # it came after its subsidiary
    assert Company.objects.get(external_key="2").country == "DE"
    assert not Company.objects.filter(external_key="3").exists()
    (line,) = [line for line in text.splitlines() if line.strip().startswith("4 ")]
    for word in ("error", "Atlantide", "-4", "forse", "VAT", "name"):
        assert word in line, word
    assert "parent company “Nessuno” was not found" in text
    assert "3 created, 0 updated, 0 skipped, 1 in error" in text


def test_a_second_run_skips_everything_and_a_changed_cell_updates_one(companies):
    run("companies", companies)
    assert "0 created, 0 updated, 3 skipped, 1 in error" in run("companies", companies)
    companies.write_text(companies.read_text().replace(";12;", ";13;"))
    assert "0 created, 1 updated, 2 skipped, 1 in error" in run("companies", companies)
    assert Company.objects.get(external_key="1").employees == 13


def test_a_blank_cell_leaves_what_is_there(companies):
    run("companies", companies)
    companies.write_text(companies.read_text().replace(";12;", ";;"))
    assert "3 skipped" in run("companies", companies)
    assert Company.objects.get(external_key="1").employees == 12


def test_a_dry_run_saves_nothing(companies):
    text = run("companies", companies, dry_run=True)
    assert "nothing was saved" in text
    assert "3 created" in text
    assert not Company.objects.exists()
    assert not Event.objects.exists()


def test_strict_ends_with_one_and_keeps_the_good_rows(companies):
    with pytest.raises(CommandError) as stop:
        run("companies", companies, strict=True)
    assert stop.value.returncode == 1
    assert Company.objects.count() == 3


def test_the_report_speaks_the_readers_language(companies, tmp_path):
    report = tmp_path / "report.csv"
    text = run("companies", companies, language="it", report=report)
    assert "3 create, 0 aggiornate, 0 saltate, 1 in errore" in text
    assert "Atlantide" in report.read_text(encoding="utf-8-sig")
    assert len(report.read_text(encoding="utf-8-sig").splitlines()) == 5


def test_history_names_who_imported(companies):
    user = UserFactory(username="anna", first_name="Anna", last_name="Blu")
    run("companies", companies, user="anna")
    event = Event.objects.get(name="company.imported", subject_id=Company.objects.get(external_key="1").pk)
    assert (event.actor, event.actor_name) == (user, "Anna Blu")
    version = Company.pgh_event_model.objects.filter(pgh_obj__external_key="1").first()
    assert version.pgh_context["actor"] == "Anna Blu"


def test_ragged_and_doubled_rows_are_refused_row_by_row(tmp_path):
    path = tmp_path / "contacts.csv"
    path.write_text("external_key,last_name,company\nc1,Verdi,Acme\nc2,Neri\nc1,Verdi,Acme\nc1,Rossi,Acme\n,Gialli,\n")
    CompanyFactory(name="Acme")
    text = run("contacts", path)
    assert Contact.objects.get().company.name == "Acme"
    assert "2 columns, the header has 3" in text
    assert "the same key as row 2" in text
    assert "The key is missing" in text
    assert "1 created, 0 updated, 1 skipped, 3 in error" in text


def test_near_misses_are_suggested_and_doubled_names_not_guessed(tmp_path):
    CompanyFactory.create_batch(2, name="Doppia")
    CompanyFactory(name="Officine Meccaniche")
    path = tmp_path / "contacts.csv"
    path.write_text("external_key,last_name,company\n1,Verdi,Oficine Mecaniche\n2,Neri,Doppia\n")
    text = run("contacts", path)
    assert "did you mean “Officine Meccaniche”?" in text
    assert "More than one record is called “Doppia”" in text


def test_leads_come_in_closed_states_and_are_never_moved_by_a_later_file(tmp_path, cast):
    path = tmp_path / "leads.csv"
    path.write_text(
        "external_key,company_name,email,state\nl1,Acme,a@acme.example,lost\nl2,Beta,b@beta.example,Qualified\n"
    )
    run("leads", path)
    lost, qualified = Lead.objects.order_by("external_key")
    assert (lost.state, lost.lost_reason, lost.closed_at is not None) == ("lost", "other", True)
    assert qualified.state == "qualified"
    assert lost.thread_id != qualified.thread_id
    path.write_text(path.read_text().replace(",lost", ",new"))
    assert "2 skipped" in run("leads", path)
    lost.refresh_from_db()
    assert lost.state == "lost"


def test_the_database_refuses_one_row_and_keeps_the_others(tmp_path):
    path = tmp_path / "products.csv"
    path.write_text(
        "code,name,list_price,vat_rate\nA,Pompa,10,22\nB,Valvola,99999999999999,22\nC,Tubo,-3,22\nD,Kit,5,0\n"
    )
    text = run("products", path)
    assert "1 created, 0 updated, 0 skipped, 3 in error" in text
    assert "a rate of zero needs its nature" in text


def test_numbers_and_dates_as_the_map_says(tmp_path):
    path = tmp_path / "deals.csv"
    path.write_text("id;azienda;valore;chiusura\n1;Acme;1.234,50;03/04/2026\n2;Acme;1.2.x;2026-31-01\n")
    CompanyFactory(name="Acme")
    toml = tmp_path / "map.toml"
    toml.write_text(
        'resource = "opportunities"\nkey = "id"\ndecimal = ","\ndates = ["%d/%m/%Y"]\n[fields]\n'
        'company = "azienda"\nvalue = "valore"\nexpected_close = "chiusura"\nname = { template = "Offerta {id}" }\n'
    )
    text = run("opportunities", path, map=str(toml))
    from opportunities.models import Opportunity

    deal = Opportunity.objects.get()
    assert deal.value.amount == Decimal("1234.50")
    assert (deal.expected_close.month, deal.number.startswith("OP "), deal.probability) == (4, True, 10)
    assert "“1.2.x” is not a number" in text
    assert "“2026-31-01” is not a date" in text


@pytest.mark.parametrize("content", ["name,city\nAcme,Roma\n", "", "external_key\n"])
def test_a_file_that_cannot_serve_is_refused_in_one_sentence(tmp_path, content):
    path = tmp_path / "t.csv"
    path.write_text(content)
    if content.startswith("external"):
        assert "0 created" in run("companies", path)
    else:
        with pytest.raises(CommandError):
            run("companies", path)


def test_a_map_for_another_resource_and_an_unknown_user_are_refused(companies):
    for options in ({"map": "maven_products"}, {"user": "nobody-here"}):
        with pytest.raises(CommandError):
            run("companies", companies, **options)
    assert not Company.objects.exists()

"""The wizard: refusals first, then upload, mapping, the dry run, and the run itself."""

from decimal import Decimal

import pytest
from django.urls import reverse

from core.models import Event, ImportMapping, ImportRun
from leads.models import Lead
from parties.models import Company, Contact
from tests.factories import CompanyFactory, ContactFactory, ImportRunFactory, LeadFactory
from tests.imports.wizard import LEADS, bring_in, do, map_columns, mapping_form, page, the_run, upload

pytestmark = pytest.mark.django_db

PAGES = ("detail", "map", "progress", "file", "errors")


def test_whoever_has_no_right_is_refused(cast, client_of):
    for user in (cast.nobody, cast.hr, cast.care):
        client = client_of(user)
        assert client.get(reverse("core:importrun_list")).status_code == 403
        assert client.get(reverse("core:importrun_create")).status_code == 403
        assert upload(client, LEADS).status_code == 403
    assert not ImportRun.objects.exists()


def test_sales_bring_in_people_but_no_master_data(cast, client_of):
    form = client_of(cast.sales).get(reverse("core:importrun_create")).context["form"]
    assert [name for name, _label in form.fields["kind"].choices] == ["leads", "contacts"]
    assert upload(client_of(cast.sales), "name\nAlfa\n", kind="companies").status_code == 422
    run = ImportRunFactory(owner=cast.sales, kind="companies", mapping={"columns": {}})
    assert client_of(cast.sales).get(page(run, "map")).status_code == 403
    assert client_of(cast.sales).post(reverse("core:importrun_act", args=[run.pk, "dry_run"])).status_code == 409


def test_a_strangers_import_does_not_exist(cast, client_of):
    run = ImportRunFactory(owner=cast.marketing)
    for name in PAGES:
        assert client_of(cast.sales).get(page(run, name)).status_code == 404, name
        assert client_of(cast.manager).get(page(run, name)).status_code == 404, name
        assert client_of(cast.admin).get(page(run, name)).status_code in (200, 204), name
    assert client_of(cast.sales).post(page(run, "map")).status_code == 404
    assert client_of(cast.sales).post(reverse("core:importrun_act", args=[run.pk, "cancel"])).status_code == 404


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n....", "type PNG"),
        (b"%PDF-1.7\n", "type PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "XLS"),
        (b"a\0b\0c", "not a table"),
        (b"PK\x03\x04nothing", "not a spreadsheet"),
        (b"name,email\n", "no rows below"),
        (b"name,email\n1,2,3\n4,5,6\n", "row 2: 3 columns, the header has 2"),
        (b"\xff\xfea", "not valid UTF-16"),
    ],
)
def test_what_is_no_table_is_refused_by_its_content(cast, client_of, content, complaint):
    answer = upload(client_of(cast.sales), content)
    assert answer.status_code == 422
    assert complaint in str(answer.context["form"].errors)
    assert not ImportRun.objects.exists()


def test_a_file_that_is_too_large_is_refused(cast, client_of):
    answer = upload(client_of(cast.sales), b"a,b\n" + b"1,2\n" * (13 * 1024 * 1024))
    assert answer.status_code in (413, 422)
    assert "larger than 50 MB" in answer.content.decode()


def test_the_way_of_writing_is_found_by_column_and_can_be_corrected(cast, client_of):
    client = client_of(cast.sales)
    assert upload(client, LEADS.encode("cp1252")).url == page(the_run(), "map")
    form = mapping_form(client, the_run())
    found = {header: (form[f"field-{at}"].value(), form[f"format-{at}"].value()) for at, header in form.headers}
    assert found == {
        "Azienda": ("company_name", ""),
        "Nome": ("first_name", ""),
        "Cognome": ("last_name", ""),
        "E-mail": ("email", ""),
        "Budget": ("budget", "n:,"),  # though one cell in four is no number at all
        "Data creazione": ("created_at", "d:%d/%m/%Y"),
    }
    text = client.get(page(the_run(), "map") + "?delimiter=,").content.decode()
    assert "Azienda;Nome;Cognome" in text
    upload(client, "nome;città\nForlì;1\n".encode("cp1252"))
    answer = client.get(page(the_run(), "map") + "?encoding=utf-8")
    assert answer.status_code == 422
    assert "not valid UTF-8 (line 1)" in answer.content.decode()


def test_numbers_that_are_texts_are_read_as_they_stand(cast, client_of):
    client = client_of(cast.manager)
    upload(client, "Azienda;Telefono;Partita IVA;Proprietario;Budget\nAlfa;0521 112233;00743110157;Sara;1.200\n")
    form = mapping_form(client, the_run())
    found = {header: (form[f"field-{at}"].value(), form[f"format-{at}"].value()) for at, header in form.headers}
    assert found == {
        "Azienda": ("company_name", ""),
        "Telefono": ("phone", ""),
        "Partita IVA": ("vat_number", ""),
        "Proprietario": ("owner", ""),
        "Budget": ("budget", "n:."),
    }
    assert [row["header"] for row in form.rows if row["unsure"]] == ["Budget"]


def test_a_mapping_that_lacks_something_is_named(cast, client_of):
    client = client_of(cast.admin)
    upload(client, "email,phone\na@b.it,1\n", kind="contacts")
    answer = map_columns(client, the_run(), key="")
    assert answer.status_code == 422
    assert "New records need a column for: Last name." in str(answer.context["form"].errors)
    answer = map_columns(client, the_run(), field_phone="email")
    assert "Two columns go to “E-mail”" in str(answer.context["form"].errors)
    assert the_run().mapping == {}


def test_a_mapping_is_remembered_for_the_same_headers(cast, client_of):
    client = client_of(cast.sales)
    upload(client, LEADS)
    map_columns(client, the_run(), format_Budget="n:,", field_Nome="job_title")
    assert ImportMapping.objects.get().user == cast.sales
    upload(client, LEADS)
    form = mapping_form(client, the_run())
    places = {header: at for at, header in form.headers}
    assert form[f"field-{places['Nome']}"].value() == "job_title"
    assert form[f"format-{places['Budget']}"].value() == "n:,"
    other = client_of(cast.marketing)
    upload(other, LEADS)
    assert mapping_form(other, the_run())[f"field-{places['Nome']}"].value() == "first_name"


def test_a_dry_run_tells_and_saves_nothing(cast, client_of):
    client = client_of(cast.sales)
    LeadFactory(email="dino@delta.it", company_name="Delta", owner=cast.sales)
    upload(client, LEADS)
    map_columns(client, the_run(), format_Budget="n:,")
    run = do(client, the_run(), "dry_run")
    assert (run.state, run.counts) == ("checked", {"create": 1, "update": 1, "skip": 0, "error": 2})
    assert Lead.objects.count() == 1
    text = client.get(page(run, "detail")).content.decode()
    for expected in ("What would happen", "nobody", "viel", "29/02/2026", "“viel” is not a number."):
        assert expected in text
    problems = run.rows.get(number=4).problems
    assert [column for column, _value, _why in problems] == ["Budget", "Data creazione"]


def test_good_rows_go_in_and_bad_ones_stay_out(cast, client_of):
    client = client_of(cast.sales)
    run = bring_in(client, LEADS, format_Budget="n:,")
    assert (run.state, run.counts) == ("done", {"create": 2, "update": 0, "skip": 0, "error": 2})
    lead = Lead.objects.get(email="ada@alfa.it")
    assert (lead.budget.amount, lead.created_at.day, lead.created_at.month) == (Decimal("1200.50"), 3, 2)
    assert Event.objects.about(lead).get().name == "lead.imported"
    assert Event.objects.about(lead).get().actor == cast.sales
    assert [e.name for e in Event.objects.about(run).order_by("pk")] == [
        f"importrun.{name}" for name in ("mapped", "check_started", "checked", "started", "finished")
    ]
    again = bring_in(client, LEADS, format_Budget="n:,")
    assert again.counts == {"create": 0, "update": 0, "skip": 2, "error": 2}


def test_rows_of_others_are_not_changed(cast, client_of):
    theirs = LeadFactory(email="Ada@Alfa.it", company_name="Alfa", owner=cast.sales2)
    run = bring_in(client_of(cast.sales), LEADS, format_Budget="n:,")
    assert run.counts["create"] == 1
    assert "not yours to change" in str(run.rows.get(number=2, is_trial=False).problems)
    theirs.refresh_from_db()
    assert theirs.first_name != "Ada"


def test_two_records_with_one_key_are_an_error(cast, client_of):
    ContactFactory(email="a@b.it")
    ContactFactory(email="A@b.it")
    run = bring_in(client_of(cast.admin), "Cognome,email\nRossi,a@b.it\n", kind="contacts")
    assert run.counts["error"] == 1
    assert "more than one record" in str(run.rows.get(is_trial=False).problems)


def test_without_a_key_every_row_is_new(cast, client_of):
    for _turn in range(2):
        run = bring_in(client_of(cast.admin), "Cognome,email\nRossi,a@b.it\n", kind="contacts", key="")
    assert run.counts["create"] == 1
    assert Contact.objects.count() == 2


def test_companies_by_vat_number_with_parents_that_follow(cast, client_of):
    known = CompanyFactory(name="Vecchia", vat_number="00743110157")
    text = "Ragione sociale,P.IVA,capogruppo\nNuova,IT 00743110157,Holding\nHolding,00488410010,\n"
    run = bring_in(client_of(cast.admin), text, kind="companies")
    assert run.counts == {"create": 1, "update": 1, "skip": 0, "error": 0}, [r.problems for r in run.rows.all()]
    known.refresh_from_db()
    assert (known.name, known.parent.name) == ("Nuova", "Holding")
    assert Company.objects.count() == 2


def test_costs_are_closed_to_whoever_may_not_see_them(cast, client_of):
    from django.contrib.auth.models import Group, Permission

    upload(client_of(cast.buyer), "code,name,list price,cost\nP1,Pump,10,7\n", kind="products")
    assert "cost" in dict(mapping_form(client_of(cast.buyer), the_run()).fields["field-0"].choices)
    Group.objects.get(name="marketing").permissions.add(
        *Permission.objects.filter(codename__in=("add_product", "change_product"))
    )
    upload(client_of(cast.marketing), "code,name,list price,cost\nP1,Pump,10,7\n", kind="products")
    assert "cost" not in dict(mapping_form(client_of(cast.marketing), the_run()).fields["field-0"].choices)


def test_formulas_are_told_and_kept_as_text(cast, client_of):
    run = bring_in(client_of(cast.sales), "azienda,email,phone\n=1+2,a@b.it,+39 02 1234\n")
    row = run.rows.get(is_trial=False)
    assert row.notes == "azienda: looks like a formula, kept as text"
    assert Lead.objects.get().company_name == "=1+2"

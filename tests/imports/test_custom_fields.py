"""Custom fields and tags in the import wizard: mapped, made while mapping, refused by row, taken back."""

import pytest

from core.models import CustomField
from leads.models import Lead
from parties.models import Company
from tests.core.fields import make_field, make_tags
from tests.factories import CompanyFactory
from tests.imports.wizard import bring_in, do, map_columns, mapping_form, the_run, upload

pytestmark = pytest.mark.django_db

FILE = (
    "Cognome;E-mail;Posti;Dal;Settore;VIP;Tag\n"
    "Rossi;a@alfa.it;1.200,5;03/02/2026;food;sì;Fair, partner\n"
    "Bianchi;b@beta.it;molti;03/02/2026;Food;no;\n"
    "Verdi;c@gamma.it;7;;Odd;;Nessuno\n"
    "Neri;d@delta.it;;04/02/2026;;;\n"
)


def own():
    make_field(Lead, "seats", "number", label="Posti")
    make_field(Lead, "since", "date", label="Dal")
    make_field(Lead, "sector", "choice", label="Settore", choices=["Food", "Steel"])
    make_field(Lead, "vip", "bool", label="VIP")
    make_tags("Fair", "Partner")


def test_a_file_fills_them_and_bad_cells_come_back(cast, client_of):
    own()
    client = client_of(cast.marketing)
    upload(client, FILE)
    form = mapping_form(client, the_run())
    mapped = {header: form[f"field-{at}"].value() for at, header in form.headers}
    assert mapped["Posti"] == "cf_seats"
    assert mapped["Settore"] == "cf_sector"
    assert ("tags", "Tags") in form.fields["field-0"].choices
    run = bring_in(client, FILE, field_Tag="tags")
    assert run.counts == {"create": 2, "update": 0, "skip": 0, "error": 2}
    first, last = Lead.objects.order_by("pk")
    assert first.custom == {"seats": 1200.5, "since": "2026-02-03", "sector": "Food", "vip": True}
    assert first.tags == ["Fair", "Partner"]
    assert (last.custom, last.tags) == ({"since": "2026-02-04"}, [])
    problems = [problem for row in run.rows.filter(outcome="error", is_trial=False) for problem in row.problems]
    assert {(column, value) for column, value, _why in problems} == {
        ("Posti", "molti"),
        ("Settore", "Odd"),
        ("Tag", "Nessuno"),
    }


def test_a_required_one_is_needed_for_new_rows(cast, client_of):
    make_field(Lead, "sector", required=True, label="Settore")
    client = client_of(cast.marketing)
    upload(client, "Cognome;E-mail\nRossi;a@a.it\n")
    assert "Settore" in map_columns(client, the_run(), key="").content.decode()
    run = bring_in(client, "Cognome;E-mail;Settore\nRossi;a@a.it;\nBianchi;b@b.it;Food\n", key="")
    assert run.counts["create"] == 1
    assert Lead.objects.get().custom == {"sector": "Food"}


def test_made_while_mapping_by_those_who_may(cast, client_of):
    client = client_of(cast.admin)
    text = "Denominazione;Fatturato previsto;Classe;Note interne\nAlfa;1.500,00;A;x\nBeta;20;B;y\nGamma;;A;\n"
    upload(client, text, kind="companies")
    form = mapping_form(client, the_run())
    at = next(at for at, header in form.headers if header == "Classe")
    assert "new:choice" in str(form[f"field-{at}"])
    changes = {"field_Fatturato previsto": "new:number", "field_Classe": "new:choice", "field_Note interne": "new:text"}
    run = bring_in(client, text, kind="companies", key="name", **changes)
    assert run.counts["create"] == 3
    made = {field.name: field for field in CustomField.objects.all()}
    assert {name: field.kind for name, field in made.items()} == {
        "fatturato_previsto": "number",
        "classe": "choice",
        "note_interne": "text",
    }
    assert made["classe"].choices == ["A", "B"]
    assert Company.objects.get(name="Alfa").custom == {"fatturato_previsto": 1500, "classe": "A", "note_interne": "x"}
    upload(client, text, kind="companies")
    form = mapping_form(client, the_run())
    assert {form[f"field-{at}"].value() for at, _header in form.headers} >= {"cf_classe", "cf_note_interne"}


def test_nobody_else_makes_fields(cast, client_of):
    client = client_of(cast.marketing)
    upload(client, FILE)
    assert "new:text" not in str(mapping_form(client, the_run())["field-0"])
    assert map_columns(client, the_run(), field_Posti="new:number").status_code == 422
    assert not CustomField.objects.exists()


def test_known_rows_are_updated_and_undoing_gives_back_what_was(cast, client_of):
    make_field(Company, "seats", "number", label="Posti")
    make_field(Company, "nickname", label="Soprannome")
    make_tags("Fair", "Partner")
    company = CompanyFactory(name="Alfa", custom={"seats": 3, "nickname": "Ace"}, tags=["Partner"])
    client = client_of(cast.admin)
    text = "Denominazione;Posti;Soprannome;Tag\nAlfa;8;;Fair\n"
    run = bring_in(client, text, kind="companies", key="name", field_Tag="tags")
    company.refresh_from_db()
    assert (company.custom, company.tags) == ({"seats": 8, "nickname": "Ace"}, ["Fair", "Partner"])
    again = bring_in(client, text, kind="companies", key="name", field_Tag="tags")
    assert again.counts["skip"] == 1
    do(client, run, "undo")
    company.refresh_from_db()
    assert (company.custom, company.tags) == ({"seats": 3, "nickname": "Ace"}, ["Partner"])


def test_a_field_put_out_of_use_is_left_out_of_a_remembered_mapping(cast, client_of):
    field = make_field(Lead, "seats", "number", label="Posti")
    client = client_of(cast.marketing)
    bring_in(client, "Cognome;Posti\nRossi;3\n", key="")
    field.active = False
    field.save()
    run = bring_in(client, "Cognome;Posti\nBianchi;4\n", key="")
    assert run.counts["create"] == 1
    assert Lead.objects.latest("pk").custom == {}

"""Custom fields: defined on a page, then on forms, record pages and in history, with the rights of the record."""

from datetime import date

import pytest
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from core.fields.definitions import definitions
from core.fields.naming import name_from
from core.fields.pages import kinds
from core.models import CustomField, Event
from leads.models import Lead
from opportunities.models import Opportunity
from parties.models import Company
from quotes.models import Quote
from tests.core.fields import make_field, make_tags
from tests.factories import CompanyFactory, LeadFactory, QuoteFactory


def facts(of, **more):
    kind = ContentType.objects.get_for_model(of).pk
    return {"model": kind, "label": "Sector", "kind": "text", "position": "0", "active": "on", **more}


class TestDefinitions:
    def test_an_administrator_adds_a_field(self, cast, client_of):
        client = client_of(cast.admin)
        answer = client.post("/settings/fields/new/", facts(Lead, label="Codice SDI", required="on"))
        assert answer.status_code == 302, answer.content
        (made,) = definitions(Lead)
        assert (made.name, made.label, made.kind, made.required) == ("codice_sdi", "Codice SDI", "text", True)
        page = client.get(answer.url)
        assert "Codice SDI" in page.content.decode()
        assert "codice_sdi" in client.get("/settings/fields/").content.decode()

    @pytest.mark.parametrize("who", ["sales", "manager", "nobody"])
    def test_nobody_else_may(self, cast, client_of, who):
        client = client_of(getattr(cast, who))
        assert client.get("/settings/fields/").status_code == 403
        assert client.get("/settings/fields/new/").status_code == 403
        assert client.post("/settings/fields/new/", facts(Lead)).status_code == 403
        assert not CustomField.objects.exists()

    @pytest.mark.parametrize(
        ("given", "wrong"),
        [
            ({"kind": "choice", "choices": "One"}, "choices"),
            ({"kind": "odd"}, "kind"),
            ({"name": "Has spaces"}, "name"),
            ({"name": "a__b"}, "name"),
            ({"model": "999999"}, "model"),
            ({"label": ""}, "label"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, cast, client_of, given, wrong):
        answer = client_of(cast.admin).post("/settings/fields/new/", facts(Lead, **given))
        assert answer.status_code == 422
        assert wrong in answer.context["form"].errors

    def test_a_name_is_taken_once_per_kind_of_record(self, cast, client_of):
        make_field(Lead, "sector")
        client = client_of(cast.admin)
        assert client.post("/settings/fields/new/", facts(Lead)).status_code == 422
        assert client.post("/settings/fields/new/", facts(Company)).status_code == 302

    def test_name_kind_and_owner_never_change(self, cast, client_of):
        field = make_field(Lead, "sector", "choice", choices=["A", "B"])
        given = facts(Company, label="Branch", kind="number", name="other", choices="A\nB\nC")
        assert client_of(cast.admin).post(f"/settings/fields/{field.pk}/edit/", given).status_code == 302
        field.refresh_from_db()
        assert (field.label, field.kind, field.name, field.choices) == ("Branch", "choice", "sector", ["A", "B", "C"])
        assert field.model.model_class() is Lead

    def test_every_stage_takes_part(self, db):
        names = {model.__name__ for model in kinds()}
        assert {"Lead", "Company", "Contact", "Opportunity", "Quote", "SalesOrder", "Invoice", "Case"} <= names
        assert not {"Webhook", "ImportRun", "CustomField", "Tag", "Delivery"} & names

    @pytest.mark.parametrize(
        ("label", "name"),
        [("Codice SDI", "codice_sdi"), ("2ª lingua", "f_2a_lingua"), ("Città — zona", "citta_zona"), ("???", "f")],
    )
    def test_names_from_labels(self, label, name):
        assert name_from(label) == name


def all_kinds(model):
    make_field(model, "sector", "choice", choices=["Steel", "Food"])
    make_field(model, "seats", "number")
    make_field(model, "since", "date", required=True)
    make_field(model, "vip", "bool", help_text="Ask before you call.")
    make_field(model, "nickname")


ANSWERS = {"cf_sector": "Food", "cf_seats": "12.5", "cf_since": "2026-03-01", "cf_vip": "true", "cf_nickname": "Ace"}
KEPT = {"sector": "Food", "seats": 12.5, "since": "2026-03-01", "vip": True, "nickname": "Ace"}


class TestForms:
    def test_a_new_lead_and_company(self, cast, client_of):
        client = client_of(cast.sales)
        for model, typed in ((Lead, {"last_name": "Rossi"}), (Company, {"name": "Rossi srl"})):
            all_kinds(model)
            url = reverse(model.url_name("create"))
            page = client.get(url).content.decode()
            assert 'name="cf_sector"' in page
            assert "Ask before you call." in page
            blank = {"country": "IT", "language": "it", "payment_days": "30", **typed}
            refused = client.post(url, blank)
            assert refused.status_code == 422
            assert set(refused.context["form"].errors) == {"cf_since"}
            assert client.post(url, blank | ANSWERS).status_code == 302
            assert model.objects.get().custom == KEPT

    def test_a_quote(self, cast, client_of):
        all_kinds(Quote)
        quote = QuoteFactory(owner=cast.sales, custom={"sector": "Gone", "seats": 3})
        client = client_of(cast.sales)
        page = client.get(quote.edit_url)
        form = page.context["form"]
        assert ("Gone", "Gone") in form.fields["cf_sector"].choices
        sent = {form.add_prefix(n): form[n].value() or "" for n in form.fields if not n.startswith("cf_")}
        lines = page.context["lines"]
        sent |= {f"{lines.prefix}-{n}": v for n, v in (("TOTAL_FORMS", 0), ("INITIAL_FORMS", 0))}
        answer = client.post(quote.edit_url, sent | ANSWERS)
        assert answer.status_code == 302, answer.context["form"].errors
        quote.refresh_from_db()
        assert quote.custom == KEPT

    def test_bad_answers_stand_beside_their_fields(self, cast, client_of):
        all_kinds(Lead)
        wrong = {"cf_sector": "Odd", "cf_seats": "many", "cf_since": "31/31/2026", "cf_nickname": "x" * 2001}
        answer = client_of(cast.sales).post(
            "/leads/new/", {"last_name": "R", "country": "IT", "language": "it"} | wrong
        )
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == set(wrong)
        assert not Lead.objects.exists()

    def test_numbers_are_read_as_people_write_them(self, cast, client_of):
        make_field(Lead, "seats", "number")
        client = client_of(cast.sales)
        cast.sales.language = "it"
        cast.sales.save()
        typed = {"last_name": "R", "country": "IT", "language": "it", "cf_seats": "1.234,5"}
        assert client.post("/leads/new/", typed).status_code == 302
        lead = Lead.objects.get()
        assert lead.custom == {"seats": 1234.5}
        assert "1.234,5" in client.get(lead.get_absolute_url()).content.decode()

    def test_an_answer_is_taken_back_and_a_field_out_of_use_keeps_its_values(self, cast, client_of):
        field = make_field(Lead, "nickname")
        other = make_field(Lead, "seats", "number")
        lead = LeadFactory(owner=cast.sales, custom={"nickname": "Ace", "seats": 3})
        CustomField.objects.filter(pk=other.pk).update(active=False)
        field.save()
        client = client_of(cast.sales)
        form = client.get(lead.edit_url).context["form"]
        assert "cf_seats" not in form.fields
        sent = {n: form[n].value() or "" for n in form.fields} | {"cf_nickname": ""}
        assert client.post(lead.edit_url, sent).status_code == 302
        lead.refresh_from_db()
        assert lead.custom == {"seats": 3}


class TestRecordPage:
    @pytest.mark.parametrize("factory", [LeadFactory, CompanyFactory, QuoteFactory])
    def test_values_and_tags_are_shown(self, cast, client_of, factory):
        record = factory(owner=cast.sales, custom=KEPT, tags=["Fair"])
        make_tags("Fair")
        all_kinds(type(record))
        page = client_of(cast.sales).get(record.get_absolute_url()).content.decode()
        for shown in ("Sector", "Food", "12.5", "1\u00a0Mar\u00a02026", "Ace", "Fair"):
            assert shown in page

    def test_history_tells_old_and_new_under_the_label(self, cast, client_of):
        make_field(Lead, "seats", "number", label="Workplaces")
        lead = LeadFactory(owner=cast.sales, custom={"seats": 3})
        lead.custom = {"seats": 5, "left_over": "x"}
        lead.save()
        timeline = client_of(cast.sales).get(lead.get_absolute_url()).context["entries"]
        details = [row for entry in timeline for row in entry.details]
        assert ("Workplaces", "3", "5") in details
        assert ("left_over", "—", "x") in details

    def test_a_stranger_sees_nothing(self, cast, client_of):
        make_field(Lead, "nickname")
        lead = LeadFactory(owner=cast.sales, custom={"nickname": "Ace"})
        assert client_of(cast.sales2).get(lead.get_absolute_url()).status_code == 404
        assert client_of(cast.nobody).get(lead.get_absolute_url()).status_code == 403


class TestMemory:
    def test_definitions_cost_no_query_after_the_first_request(self, cast, client_of, django_assert_num_queries, db):
        make_field(Lead, "nickname")
        client = client_of(cast.sales)
        client.get("/leads/new/")
        with django_assert_num_queries(0):
            assert len(definitions(Lead)) == 1
        assert definitions(Opportunity) == ()

    def test_what_was_rolled_back_was_never_there(self, db):
        from django.db import transaction

        assert definitions(Lead) == ()
        with pytest.raises(RuntimeError), transaction.atomic():
            make_field(Lead, "nickname")
            assert len(definitions(Lead)) == 1
            raise RuntimeError
        assert definitions(Lead) == ()

    @pytest.mark.django_db(transaction=True)
    def test_another_process_sees_a_change_with_its_next_request(self, monkeypatch):
        from core import remembered
        from core.fields import definitions as module

        assert definitions(Lead) == ()
        field = make_field(Lead, "nickname")
        elsewhere = type(module._fields)(module._fields.load)
        monkeypatch.setattr(module, "_fields", elsewhere)
        assert [made.label for made in definitions(Lead)] == ["Nickname"]
        field.label = "Short name"
        field.save()
        remembered.look_again()
        assert [made.label for made in definitions(Lead)] == ["Short name"]


def test_days_are_days(db):
    from core.fields import values

    made = make_field(Lead, "since", "date")
    assert values.kept(made, date(2026, 3, 1)) == "2026-03-01"
    assert values.shown("date", "2026-03-01") == "1\u00a0Mar\u00a02026"
    assert values.shown("date", "nonsense") == "nonsense"
    assert Event.objects.count() == 0

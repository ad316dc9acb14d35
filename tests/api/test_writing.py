"""Writing through the API: the forms, services and verbs of the pages, and nothing beside them."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, Permission

from activities.models import Activity
from core.models import Event
from invoicing.models import Invoice
from leads.models import Lead
from opportunities.models import Opportunity
from parties.models import Company
from quotes.models import Quote
from tests import factories

LEAD = {"company_name": "Torneria Alfa", "last_name": "Neri", "email": "neri@alfa.example", "budget": "1234.50"}


@pytest.fixture
def quote(cast):
    return factories.QuoteFactory(owner=cast.sales)


class TestCreating:
    def test_a_lead_as_the_page_makes_it(self, cast, sales):
        response = sales.post("leads/", LEAD)
        assert response.status_code == 201, response.content
        made = Lead.objects.get()
        assert response["Location"] == f"http://testserver/api/v1/leads/{made.pk}/"
        assert made.budget.amount == Decimal("1234.50")
        assert Event.objects.filter(name="lead.created", subject_id=made.pk, actor=cast.sales).exists()
        assert response.json()["budget"] == "1234.50"

    @pytest.mark.parametrize("language", ["it", "en"])
    @pytest.mark.parametrize("budget", ["1234.567", 1.234, "1.234,50", "1,234"])
    def test_numbers_are_those_of_json_in_every_language(self, cast, caller_of, language, budget):
        response = caller_of(cast.sales, language=language).post("leads/", {**LEAD, "budget": budget})
        assert response.status_code == 422
        assert list(response.json()["errors"]) == ["budget"]

    def test_the_forms_own_rules_hold(self, sales):
        response = sales.post("leads/", {"city": "Torino"})
        assert response.status_code == 422
        assert "Say who it is" in response.json()["errors"]["non_field_errors"][0]
        response = sales.post("leads/", {**LEAD, "budget": -1, "vat_number": "12345678901", "email": "no"})
        assert set(response.json()["errors"]) == {"budget", "vat_number", "email"}
        assert not Lead.objects.exists()

    def test_unknown_fields_and_wrong_types_are_named(self, sales):
        wrong = {
            "colour": "red",
            "state": "won",
            "email": 5,
            "decision_by": "31/12/2026",
            "campaign": "x",
            "budget": [1],
        }
        response = sales.post("leads/", {**LEAD, **wrong})
        assert response.status_code == 422
        assert set(response.json()["errors"]) == set(wrong)

    def test_without_the_right_403(self, cast, caller_of):
        assert caller_of(cast.accountant).post("leads/", LEAD).status_code == 403
        assert caller_of(cast.sales).post("products/", {"code": "X", "name": "Y"}).status_code == 403

    def test_a_reading_token_writes_nothing(self, cast, caller_of, quote):
        reader = caller_of(cast.sales, scope="read")
        assert reader.get("leads/").status_code == 200
        for response in (
            reader.post("leads/", LEAD),
            reader.patch(f"quotes/{quote.pk}/", {"title": "x"}),
            reader.post(f"quotes/{quote.pk}/submit/"),
        ):
            assert response.status_code == 403
            assert "only read" in response.json()["detail"]

    def test_what_the_page_cannot_make_is_no_method(self, sales):
        response = sales.post("quotes/", {})
        assert response.status_code == 405
        assert "POST" not in response["Allow"]

    def test_costs_are_not_written_by_those_who_do_not_see_them(self, cast, caller_of):
        product = {"code": "P1", "name": "Pompa", "list_price": "10.00", "vat_rate": 22, "cost": "4.00"}
        assert caller_of(cast.buyer).post("products/", product).status_code == 201
        group = Group.objects.create(name="without costs")
        group.permissions.set(Permission.objects.filter(codename__in=("add_product", "view_product")))
        cast.nobody.groups.add(group)
        response = caller_of(cast.nobody).post("products/", {**product, "code": "P3"})
        assert response.status_code == 422
        assert list(response.json()["errors"]) == ["cost"]

    def test_a_purchase_order_with_lines_from_the_catalogue(self, cast, caller_of):
        supplier = factories.CompanyFactory(is_supplier=True)
        product = factories.ProductFactory(cost=Decimal("60.00"))
        lines = [
            {"product": product.pk, "quantity": 2},
            {"description": "Trasporto", "unit_price": 50, "quantity": "1"},
        ]
        body = {"supplier": supplier.pk, "title": "Pompe", "lines": lines}
        response = caller_of(cast.buyer).post("purchases/", body)
        assert response.status_code == 201, response.content
        assert response.json()["net"] == "170.00"
        assert [line["description"] for line in response.json()["lines"]][1] == "Trasporto"

    def test_an_activity_about_a_company(self, cast, sales):
        company = factories.CompanyFactory()
        response = sales.post("activities/", {"summary": "Call", "kind": "call", "company": company.pk})
        assert response.status_code == 201, response.content
        assert response.json()["subject"] == {"type": "company", "id": company.pk}
        done = sales.post(f"activities/{response.json()['id']}/complete/", {"outcome": "Agreed"})
        assert done.status_code == 200
        assert Activity.objects.get().outcome == "Agreed"
        again = sales.post(f"activities/{response.json()['id']}/complete/")
        assert again.status_code == 409


class TestChanging:
    def test_what_is_left_out_stays(self, cast, sales):
        lead = factories.LeadFactory(owner=cast.sales, city="Torino", budget=Decimal("1234.56"))
        response = sales.patch(f"leads/{lead.pk}/", {"city": "Cuneo"})
        assert response.status_code == 200, response.content
        lead.refresh_from_db()
        assert (lead.city, lead.budget.amount, lead.last_name) == ("Cuneo", Decimal("1234.56"), "Neri")

    def test_lines_are_changed_added_and_removed(self, sales, quote):
        before = sales.get(f"quotes/{quote.pk}/").json()["lines"]
        first = {"id": before[0]["id"], "quantity": "7.5"}
        new = {"description": "Posa", "quantity": 1, "unit_price": "99.90", "vat_rate": 22}
        response = sales.patch(f"quotes/{quote.pk}/", {"title": "Nuovo", "lines": [new, first]})
        assert response.status_code == 200, response.content
        found = response.json()
        assert found["title"] == "Nuovo"
        assert [line["description"] for line in found["lines"]] == ["Posa", before[0]["description"]]
        assert found["lines"][1]["id"] == before[0]["id"]
        assert found["lines"][1]["unit_price"] == before[0]["unit_price"]
        assert Decimal(found["lines"][1]["quantity"]) == Decimal("7.5")
        assert Decimal(found["net"]) == sum(Decimal(line["net"]) for line in found["lines"])

    def test_wrong_lines_are_named_by_their_place(self, sales, quote):
        for lines, name in (
            ([{"description": "x", "quantity": "abc", "unit_price": 1}], "lines[0].quantity"),
            ([{"description": "x", "quantity": 1, "unit_price": 1, "colour": 1}], "lines[0].colour"),
            ([{"id": 999999}], "lines"),
            ("x", "lines"),
            ([{"description": "x", "unit_price": "1", "discount": 101}], "lines[0].discount"),
        ):
            response = sales.patch(f"quotes/{quote.pk}/", {"lines": lines})
            assert response.status_code == 422, (lines, response.content)
            assert name in response.json()["errors"]

    def test_not_while_it_is_frozen(self, cast, sales):
        quote = factories.QuoteFactory(owner=cast.sales, state="sent")
        response = sales.patch(f"quotes/{quote.pk}/", {"title": "x"})
        assert response.status_code == 409
        assert response.json()["reasons"][0]["message"]

    def test_somebody_was_faster(self, cast, sales):
        lead = factories.LeadFactory(owner=cast.sales)
        version = sales.get(f"leads/{lead.pk}/")["ETag"]
        assert sales.patch(f"leads/{lead.pk}/", {"city": "A"}, If_Match=version).status_code == 200
        assert sales.patch(f"leads/{lead.pk}/", {"city": "B"}, If_Match=version).status_code == 412

    def test_a_stranger_learns_nothing(self, cast, caller_of, quote):
        stranger = caller_of(cast.sales2)
        assert stranger.patch(f"quotes/{quote.pk}/", {"nonsense": 1}).status_code == 404
        assert stranger.post(f"quotes/{quote.pk}/submit/").status_code == 404
        assert caller_of(cast.nobody).patch(f"quotes/{quote.pk}/", {}).status_code == 403

    def test_a_stranger_cannot_be_linked(self, cast, sales):
        """A record that one may not see is not accepted as a value."""
        hidden = factories.OpportunityFactory(owner=cast.sales2)
        lead = factories.LeadFactory(owner=cast.sales)
        assert sales.patch(f"leads/{lead.pk}/", {"campaign": hidden.pk + 10_000}).status_code == 422


class TestVerbs:
    def test_a_verb_with_its_forms_fields(self, cast, sales):
        lead = factories.LeadFactory(owner=cast.sales, state="working")
        response = sales.post(f"leads/{lead.pk}/lose/", {"reason": "price", "note": "Next year"})
        assert response.status_code == 200, response.content
        assert response.json()["state"] == "lost"
        assert Event.objects.filter(name="lead.lost", actor=cast.sales).exists()

    def test_wrong_facts_are_422_by_field(self, cast, sales):
        lead = factories.LeadFactory(owner=cast.sales, state="working")
        response = sales.post(f"leads/{lead.pk}/lose/", {"reason": "because"})
        assert response.status_code == 422
        assert list(response.json()["errors"]) == ["reason"]
        response = sales.post(f"leads/{lead.pk}/take/", {"colour": 1})
        assert response.status_code in (409, 422)

    @pytest.mark.parametrize(("language", "words"), [("en", "Not possible while"), ("it", "Non possibile")])
    def test_refused_with_the_reasons_in_the_callers_language(self, cast, caller_of, language, words):
        lead = factories.LeadFactory(owner=cast.sales, state="lost")
        response = caller_of(cast.sales, language=language).post(f"leads/{lead.pk}/take/")
        assert response.status_code == 409
        assert response["Content-Type"] == "application/problem+json"
        assert response["Content-Language"] == language
        assert any(words in reason["message"] for reason in response.json()["reasons"]), response.json()

    def test_without_the_verbs_right_403(self, cast, caller_of):
        lead = factories.LeadFactory(owner=cast.sales)
        assert caller_of(cast.marketing).post(f"leads/{lead.pk}/qualify/").status_code == 403
        quote = factories.QuoteFactory(owner=cast.sales, state="pending_approval")
        assert caller_of(cast.sales).post(f"quotes/{quote.pk}/approve/").status_code == 403

    def test_unknown_verbs_and_those_of_jobs_404(self, sales, quote):
        for verb in ("explode", "expire", "supersede", "delete"):
            assert sales.post(f"quotes/{quote.pk}/{verb}/").status_code == 404

    def test_a_lead_given_away_is_out_of_sight(self, cast, caller_of):
        lead = factories.LeadFactory(owner=cast.sales)
        response = caller_of(cast.sales).post(f"leads/{lead.pk}/assign/", {"to": cast.sales2.pk})
        assert response.status_code == 204, response.content
        assert response.content == b""


class TestTheWholeChain:
    def test_from_lead_to_payment(self, cast, caller_of, sales):
        boss = caller_of(cast.admin)
        lead = sales.post("leads/", {**LEAD, "phone": "+39 011 1234567"}).json()
        sales.post(f"leads/{lead['id']}/take/")
        sales.post(f"leads/{lead['id']}/qualify/", {"need": "Pumps", "fit": "good", "authority": "CEO"})
        deal = sales.post(f"leads/{lead['id']}/convert/", {"value": "5000"})
        assert deal.status_code == 201, deal.content
        assert deal.json()["type"] == "opportunity"
        assert Lead.objects.get().state == "converted"
        again = sales.post(f"leads/{lead['id']}/convert/")
        assert (again.status_code, again.json()["id"]) == (200, deal.json()["id"])
        opportunity = Opportunity.objects.get()
        if opportunity.state == "identified":
            assert sales.post(f"opportunities/{opportunity.pk}/qualify/").status_code == 200
        quote = sales.post(f"opportunities/{opportunity.pk}/draft_quote/", {"title": "Pompe", "payment_days": 30})
        assert quote.status_code == 201, quote.content
        product = factories.ProductFactory()
        changed = sales.patch(f"quotes/{quote.json()['id']}/", {"lines": [{"product": product.pk, "quantity": 3}]})
        assert changed.json()["net"] == "300.00", changed.content
        pk = quote.json()["id"]
        assert sales.post(f"quotes/{pk}/submit/").status_code == 200
        assert boss.post(f"quotes/{pk}/approve/").status_code in (200, 409)
        sent = sales.post(f"quotes/{pk}/send/", {"message": "Ecco"})
        assert sent.status_code == 200, sent.content
        assert Quote.objects.get().state == "sent"
        accepted = sales.post(f"quotes/{pk}/accept/", {"signer_name": "Anna Neri"})
        assert accepted.status_code == 200, accepted.content
        order = boss.post(f"quotes/{pk}/place_order/")
        assert order.status_code == 201, order.content
        Company.objects.update(
            vat_number="00743110157",
            street="Via Roma 1",
            postcode="10100",
            city="Torino",
            province="TO",
            sdi_code="ABC1234",
        )
        assert boss.post(f"orders/{order.json()['id']}/validate/").status_code in (200, 409)

    def test_an_invoice_of_a_contract(self, cast, caller_of):
        accountant = caller_of(cast.accountant)
        contract = factories.ContractFactory(state="active")
        response = accountant.post(f"contracts/{contract.pk}/draft_invoice/")
        assert response.status_code == 201, response.content
        pk = response.json()["id"]
        assert accountant.post(f"invoices/{pk}/issue/").status_code == 200
        gross = Invoice.objects.get(pk=pk).gross.amount
        paid = accountant.post(f"invoices/{pk}/register_payment/", {"amount": f"{gross}", "method": "transfer"})
        assert paid.status_code == 200, paid.content
        assert paid.json()["state"] == "paid"
        assert accountant.post(f"invoices/{pk}/register_payment/", {"amount": "1"}).status_code in (409, 422)

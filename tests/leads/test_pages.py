"""The pages of leads over HTTP."""

import csv
import io
import re
from decimal import Decimal

import pytest
from django.urls import reverse

from activities.services import add_note
from core.models import Event, File
from leads import scoring
from leads.models import Lead
from tests.factories import CompanyFactory, EmailFactory, LeadFactory

pytestmark = pytest.mark.django_db
LIST = "/leads/"


@pytest.fixture
def sales(cast, client_of):
    return client_of(cast.sales)


def names(page):
    return re.findall(r'<a href="/leads/\d+/">([^<]+)</a>', page.content.decode())


class TestList:
    def test_the_same_number_of_queries_for_3_rows_and_for_30(self, cast, sales, django_assert_max_num_queries):
        LeadFactory.create_batch(3, owner=cast.sales)
        sales.get(LIST)  # what is remembered beyond a request is read once
        with django_assert_max_num_queries(10) as three:
            sales.get(LIST)
        LeadFactory.create_batch(27, owner=cast.sales)
        with django_assert_max_num_queries(10) as thirty:
            assert len(names(sales.get(LIST))) == 30
        assert len(three) == len(thirty)

    def test_tabs(self, cast, sales):
        LeadFactory(company_name="Mio", owner=cast.sales)
        LeadFactory(company_name="Chiuso", owner=cast.sales, state="lost")
        LeadFactory(company_name="Libero", owner=None)
        LeadFactory(company_name="Altrui", owner=cast.sales2)
        LeadFactory(company_name="Caldo", owner=cast.sales, score=80)
        assert set(names(sales.get(LIST))) == {"Mio", "Chiuso", "Libero", "Caldo"}
        assert set(names(sales.get(LIST, {"mine": 1, "open": "true"}))) == {"Mio", "Caldo"}
        assert names(sales.get(LIST, {"unassigned": "true"})) == ["Libero"]
        assert names(sales.get(LIST, {"hot": "true"})) == ["Caldo"]

    @pytest.mark.parametrize("sort", ["name", "-name", "-score", "score", "-created_at", "budget", "owner", "state"])
    def test_paging_by_key_meets_each_row_once(self, cast, sales, sort):
        for n in range(7):
            LeadFactory(company_name=f"L{n}", owner=cast.sales if n % 2 else None, score=[None, 50, 50][n % 3])
        from leads.views import LeadList

        size, LeadList.size = LeadList.size, 3
        try:
            seen, url = [], f"{LIST}?sort={sort}"
            while url:
                page = sales.get(url)
                seen += names(page)
                url = LIST + page.context["next_url"] if page.context["next_url"] else ""
        finally:
            LeadList.size = size
        assert sorted(seen) == [f"L{n}" for n in range(7)]

    def test_the_name_is_the_company_else_the_person_else_the_address(self, cast, sales):
        LeadFactory(company_name="", first_name="Rita", last_name="Levi", owner=cast.sales)
        LeadFactory(company_name="", first_name="", last_name="", email="solo@posta.example", owner=cast.sales)
        assert set(names(sales.get(LIST))) == {"Rita Levi", "solo@posta.example"}

    def test_search_and_filters(self, cast, sales):
        LeadFactory(company_name="Pompe Adriatiche", city="Ancona", score=70, source="Fiera", owner=cast.sales)
        LeadFactory(company_name="Valvole Alpine", city="Trento", score=20, owner=cast.sales)
        for params in ({"q": "adriat"}, {"score_min": 60}, {"city": "anc"}, {"source": "fiera"}, {"q": "pompe ancona"}):
            assert names(sales.get(LIST, params)) == ["Pompe Adriatiche"], params

    @pytest.mark.parametrize(
        "query", ["score_min=x", "created_at_after=2026-99-01", "state=nonsense", "after=%%%", "sort=owner__password"]
    )
    def test_bent_addresses_are_answered(self, sales, query):
        assert sales.get(f"{LIST}?{query}").status_code == 200

    def test_taking_many_at_once(self, cast, sales):
        free = LeadFactory.create_batch(2)
        done = LeadFactory(owner=cast.sales, state="lost")
        page = sales.post(LIST, {"verb": "take", "ids": [*(lead.pk for lead in free), done.pk]}, follow=True)
        assert set(Lead.objects.filter(state="working", owner=cast.sales)) == set(free)
        assert "1 refused" in page.content.decode()

    def test_export_holds_the_rows_of_the_filter(self, cast, sales):
        LeadFactory(company_name="=cmd", owner=cast.sales, budget=Decimal("10.50"))
        LeadFactory(company_name="Altrui", owner=cast.sales2)
        answer = sales.get("/leads/export/", {"format": "csv"})
        rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
        assert len(rows) == 2
        assert rows[1][0] == "'=cmd"


class TestRecordPage:
    def test_the_score_is_explained_and_adds_up(self, cast, sales):
        lead = LeadFactory(owner=cast.sales, job_title="Titolare", budget=20000)
        scoring.score_waiting()
        lead.refresh_from_db()
        page = sales.get(lead.get_absolute_url())
        parts = [int(p.signed.replace("\u2212", "-")) for p in page.context["contributions"]]
        assert sum(parts) == lead.score
        assert f"{lead.score} / 100" in page.content.decode()
        assert "Worth finding out" in page.content.decode()

    def test_with_all_that_a_lead_can_have_it_takes_fifteen_queries(
        self, cast, client_of, django_assert_max_num_queries
    ):
        lead = LeadFactory(owner=cast.sales, company_name="Valvole Alpine S.p.A.", vat_number="01114601006")
        upload = File.store(name="pianta.csv", mime="text/csv", content=b"a;b")
        EmailFactory(subject=lead, owner=cast.sales).files.add(upload)
        note = add_note(subject=lead, body="Vuole la pianta", by=cast.sales)
        note.files.add(upload)
        manager = client_of(cast.manager)
        manager.get(lead.get_absolute_url())  # what is remembered beyond a request is read once
        with django_assert_max_num_queries(15):
            page = manager.get(lead.get_absolute_url()).content.decode()
        assert page.count("pianta.csv") == 2
        assert reverse("activities:file", args=[note.pk, upload.pk]) in page

    def test_a_company_that_looks_the_same_is_shown(self, cast, sales):
        company = CompanyFactory(name="POMPE ADRIATICHE SRL", vat_number="")
        CompanyFactory(name="Valvole Alpine S.p.A.", vat_number="")
        lead = LeadFactory(company_name="Pompe Adriatiche S.r.l.", owner=cast.sales)
        page = sales.get(lead.get_absolute_url())
        assert [match.company for match in page.context["matches"]] == [company]
        assert "similar name" in page.content.decode()

    def test_other_leads_like_it_only_those_i_may_see(self, cast, sales):
        lead = LeadFactory(company_name="Pompe Adriatiche", owner=cast.sales)
        LeadFactory(company_name="pompe adriatiche", owner=cast.sales, last_name="Visibile")
        LeadFactory(company_name="Pompe Adriatiche", owner=cast.sales2)
        page = sales.get(lead.get_absolute_url())
        assert len(page.context["twins"]) == 1

    def test_few_queries(self, cast, sales, django_assert_max_num_queries):
        lead = LeadFactory(owner=cast.sales, state="qualified", company_name="Pompe", vat_number="00743110157")
        CompanyFactory(name="Pompe srl")
        sales.get(lead.get_absolute_url())
        with django_assert_max_num_queries(15):
            sales.get(lead.get_absolute_url())

    def test_stranger_404_no_right_403_anonymous_login(self, cast, client, client_of):
        lead = LeadFactory(owner=cast.sales2)
        url = lead.get_absolute_url()
        assert client_of(cast.sales).get(url).status_code == 404
        assert client_of(cast.accountant).get(url).status_code == 403
        assert client.get(url).status_code == 302

    def test_a_lost_lead_is_not_shown_as_if_it_had_been_converted(self, cast, sales):
        life = sales.get(LeadFactory(owner=cast.sales, state="lost").get_absolute_url()).context["life"]
        assert [step["label"] for step in life if step["done"]] == []
        assert [step["label"] for step in life if step["here"]] == ["Lost"]

    def test_further_data_is_shown_as_text(self, cast, sales):
        lead = LeadFactory(owner=cast.sales, attributes={"Note": "<script>alert(1)</script>", "Vuoto": ""})
        page = sales.get(lead.get_absolute_url()).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "Vuoto" not in page


class TestForm:
    GOOD = {"company_name": "Pompe Adriatiche", "language": "it", "country": "IT", "vat_number": "IT 00743110157"}

    def test_a_lead_typed_in(self, cast, sales):
        answer = sales.post("/leads/new/", {**self.GOOD, "budget": "1,234.50"})
        lead = Lead.objects.get()
        assert answer.headers["Location"] == lead.get_absolute_url()
        assert (lead.owner, lead.vat_number, lead.budget.amount) == (cast.sales, "00743110157", Decimal("1234.50"))
        assert Event.objects.about(lead).get().name == "lead.created"

    @pytest.mark.parametrize(
        ("wrong", "words"),
        [
            ({"company_name": ""}, "Say who it is"),
            ({"vat_number": "12345678901"}, "check its digits"),
            ({"email": "no address"}, "valid email"),
            ({"budget": "-5"}, "not negative"),
            ({"budget": "lots"}, "number"),
            ({"decision_by": "31/31/2026"}, "valid date"),
            ({"company_name": "x" * 201}, "200"),
            ({"campaign": "999"}, "valid choice"),
        ],
    )
    def test_errors_are_named_and_nothing_typed_is_lost(self, sales, wrong, words):
        answer = sales.post("/leads/new/", {**self.GOOD, "city": "Ancona", **wrong})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert words in page
        assert 'value="Ancona"' in page
        assert not Lead.objects.exists()

    def test_an_edit_that_matters_is_scored_again(self, cast, sales, django_capture_on_commit_callbacks, monkeypatch):
        lead = LeadFactory(owner=cast.sales)
        scoring.score_waiting()
        woken = []
        monkeypatch.setattr("core.outbox.kick", lambda task, **kwargs: woken.append(task))
        for city, need, expected in (("Ancona", "", []), ("Ancona", "Pompe", ["leads.score_waiting"])):
            with django_capture_on_commit_callbacks(execute=True):
                sales.post(lead.edit_url, {**self.GOOD, "company_name": lead.company_name, "vat_number": "",
                    "email": lead.email, "phone": lead.phone, "city": city, "need": need})  # fmt: skip
            assert woken == expected

    def test_closed_leads_are_not_edited(self, cast, sales):
        lead = LeadFactory(owner=cast.sales, state="lost")
        assert sales.post(lead.edit_url, self.GOOD).status_code == 409

    def test_duplicates_while_typing(self, cast, sales):
        CompanyFactory(name="Pompe Adriatiche S.p.A.", vat_number="00743110157")
        LeadFactory(company_name="Pompe Adriatiche", owner=cast.sales, last_name="Primo")
        LeadFactory(company_name="Pompe Adriatiche", owner=cast.sales2, last_name="Altrui")
        page = sales.get(
            reverse("leads:lead_duplicates"), {"company_name": "Pompe adriatiche", "vat_number": "00743110157"}
        )
        assert "same VAT number" in page.content.decode()
        assert len(page.context["twins"]) == 1
        assert sales.get(reverse("leads:lead_duplicates")).content.strip() == b""
        assert sales.get(reverse("leads:lead_duplicates"), {"company_name": "'; & :* |", "pk": "²9"}).status_code == 200


class TestActs:
    def test_qualify_asks_with_what_is_known(self, cast, sales):
        lead = LeadFactory(owner=cast.sales, state="working", need="Pompe", budget=1500)
        page = sales.get(lead.act_url("qualify")).content.decode()
        assert "Pompe</textarea>" in page
        assert "1,500" in page
        answer = sales.post(lead.act_url("qualify"), {"need": "Pompe nuove", "budget": "2,000", "fit": "good"})
        lead.refresh_from_db()
        assert answer.status_code == 302
        assert (lead.state, lead.need, lead.budget.amount, lead.fit) == ("qualified", "Pompe nuove", 2000, "good")

    def test_qualify_without_the_need_is_an_error_beside_the_field(self, cast, sales):
        lead = LeadFactory(owner=cast.sales, state="working")
        assert sales.post(lead.act_url("qualify"), {"budget": "2,000"}).status_code == 422

    def test_assigning_away_leads_to_the_list(self, cast, sales):
        lead = LeadFactory(owner=cast.sales)
        answer = sales.post(lead.act_url("assign"), {"to": cast.sales2.pk})
        assert answer.headers["Location"] == LIST
        assert Lead.objects.get(pk=lead.pk).owner == cast.sales2

    def test_assign_offers_sellers_only(self, cast, sales):
        lead = LeadFactory(owner=cast.sales)
        assert sales.post(lead.act_url("assign"), {"to": cast.accountant.pk}).status_code == 422

    def test_other_needs_a_note(self, cast, sales):
        lead = LeadFactory(owner=cast.sales)
        assert sales.post(lead.act_url("lose"), {"reason": "other"}).status_code == 422
        assert sales.post(lead.act_url("lose"), {"reason": "other", "note": "Ha chiuso"}).status_code == 302

    def test_converting_is_no_act_of_its_own(self, cast, sales):
        lead = LeadFactory(owner=cast.sales, state="qualified")
        assert sales.post(lead.act_url("convert")).status_code == 404
        assert Lead.objects.get(pk=lead.pk).state == "qualified"

    def test_no_right_403(self, cast, client_of):
        lead = LeadFactory()
        assert client_of(cast.marketing).post(lead.act_url("take")).status_code == 403


class TestBoard:
    def test_columns_count_and_cards_of_mine(self, cast, sales):
        LeadFactory.create_batch(2, owner=cast.sales, state="working")
        LeadFactory(owner=cast.sales2, state="working")
        columns = {column["state"]: column for column in sales.get("/leads/board/").context["columns"]}
        assert columns["working"]["count"] == "2"
        assert len(columns["working"]["cards"]) == 2

    def test_a_refused_drop_is_409_and_says_why(self, cast, sales):
        lead = LeadFactory(owner=cast.sales, state="lost")
        answer = sales.post(lead.act_url("take"), headers={"Accept": "application/json"})
        assert answer.status_code == 409
        assert "Lost" in answer.json()["reasons"][0]

    def test_a_drop_moves(self, cast, sales):
        lead = LeadFactory()
        answer = sales.post(lead.act_url("take"), headers={"Accept": "application/json"})
        assert answer.json()["state"] == "working"

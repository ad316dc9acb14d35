"""Custom fields and tags in lists: columns, order, filters, alternatives, views, export, acts in bulk."""

import io

import pytest
from django.db import connection
from django.urls import reverse
from openpyxl import load_workbook

from core.fields import indexes, tagging
from core.models import SavedView, Tag
from leads.models import Lead
from parties.models import Company
from quotes.models import Quote
from tests.core.fields import make_field, make_tags
from tests.factories import CompanyFactory, InvoiceFactory, LeadFactory, QuoteFactory

FACTORIES = {Lead: LeadFactory, Company: CompanyFactory, Quote: QuoteFactory}
VALUES = (
    {"seats": 2, "since": "2026-03-01", "sector": "Food", "vip": True, "nickname": "Ace of base"},
    {"seats": 10, "since": "2025-12-31", "sector": "Steel", "vip": False, "nickname": "King"},
    {"seats": 9.5, "sector": "Steel"},
    {},
)


def all_kinds(model, **more):
    make_field(model, "sector", "choice", choices=["Steel", "Food"], **more)
    make_field(model, "seats", "number", **more)
    make_field(model, "since", "date", **more)
    make_field(model, "vip", "bool", **more)
    make_field(model, "nickname", **more)


@pytest.fixture(params=FACTORIES, ids=lambda model: model.__name__)
def model(request, cast):
    for values in VALUES:
        FACTORIES[request.param](owner=cast.sales, custom=values)
    return request.param


def shown(client, model, query):
    """The ids a list shows, in its order."""
    page = client.get(f"{reverse(model.url_name('list'))}?{query}")
    assert page.status_code == 200
    body = page.context["body"]
    url = model(pk=0).get_absolute_url().removesuffix("0/")
    found = [int(part.split("/")[0]) for part in body.split(f'href="{url}')[1:]]
    return [list(model.objects.order_by("pk").values_list("pk", flat=True)).index(pk) for pk in found]


class TestColumns:
    def test_offered_chosen_and_written(self, cast, client_of, model):
        all_kinds(model)
        client = client_of(cast.sales)
        url = reverse(model.url_name("list"))
        assert "Nickname" in client.get(f"{url}?panel=columns").content.decode()
        assert "Ace of base" not in client.get(url).context["body"]
        body = client.get(f"{url}?columns=cf_nickname,cf_seats,cf_since,cf_vip,cf_sector,cf_unknown").context["body"]
        for text in ("Ace of base", "9.5", "1\u00a0Mar\u00a02026", "yes", "Steel"):
            assert f">{text}<" in body

    def test_shown_by_itself_where_administrators_say_so(self, cast, client_of, model):
        make_field(model, "nickname", in_list=True)
        assert "Ace of base" in client_of(cast.sales).get(reverse(model.url_name("list"))).context["body"]

    @pytest.mark.parametrize(
        ("sort", "order"),
        [("cf_seats", [0, 2, 1, 3]), ("-cf_seats", [1, 2, 0, 3]), ("cf_since", [1, 0]), ("-cf_since", [0, 1])],
    )
    def test_sorted_as_what_they_are_with_empty_ones_last(self, cast, client_of, model, sort, order):
        all_kinds(model)
        client = client_of(cast.sales)
        found = shown(client, model, f"sort={sort}&columns=cf_seats")
        assert found[: len(order)] == order
        assert len(found) == 4
        assert shown(client, model, f"sort={sort}")[: len(order)] == order

    def test_page_by_page_there_and_back(self, cast, client_of, monkeypatch):
        from core.pages import ListPage

        monkeypatch.setattr(ListPage, "size", 2)
        make_field(Lead, "seats", "number")
        for seats in (5, 1, None, 3, 4, 2.5, None):
            LeadFactory(owner=cast.sales, custom={} if seats is None else {"seats": seats})
        client = client_of(cast.sales)
        for sort, order in (("cf_seats", [1, 5, 3, 4, 0, 2, 6]), ("-cf_seats", [0, 4, 3, 5, 1, 6, 2])):
            seen, url = [], f"/leads/?columns=cf_seats&sort={sort}"
            while url:
                page = client.get(url)
                seen += shown(client, Lead, url.partition("?")[2])
                last, url = url, page.context["next_url"] and f"/leads/{page.context['next_url']}"
            assert seen == order
            before = client.get(last).context["previous_url"]
            assert shown(client, Lead, before[1:]) == order[4:6]


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("cf_seats_min=9.5", {1, 2}),
            ("cf_seats_min=3&cf_seats_max=9.5", {2}),
            ("cf_since_after=2026-01-01", {0}),
            ("cf_since_before=2025-12-31", {1}),
            ("cf_sector=Steel", {1, 2}),
            ("cf_sector=Steel&cf_sector=Food", {0, 1, 2}),
            ("cf_vip=false", {1}),
            ("cf_vip=true&cf_sector=Food", {0}),
            ("cf_nickname=OF", {0}),
            ("cf_nickname=%25", set()),
            ("cf_seats_min=10&or=cf_vip%3Dtrue", {0, 1}),
            ("or=cf_seats_max%3D2&or=cf_seats_min%3D10", {0, 1}),
            ("cf_seats_min=nonsense", {0, 1, 2, 3}),
        ],
    )
    def test_by_kind_and_joined_with_or(self, cast, client_of, model, query, found):
        all_kinds(model)
        assert set(shown(client_of(cast.sales), model, query)) == found

    def test_offered_in_the_dialogue_and_said_in_chips(self, cast, client_of, model):
        all_kinds(model)
        client = client_of(cast.sales)
        url = reverse(model.url_name("list"))
        form = client.get(f"{url}?panel=filters").context["filter_form"]
        assert {"cf_seats", "cf_since", "cf_sector", "cf_vip", "cf_nickname"} <= set(form.fields)
        page = client.get(f"{url}?cf_seats_min=3&cf_since_after=2026-01-01&cf_vip=true")
        assert [(c.label, c.value) for c in page.context["chips"]] == [
            ("Seats", "≥ 3"),
            ("Since", "≥ 1\u00a0Jan\u00a02026"),
            ("Vip", "yes"),
        ]

    def test_a_field_out_of_use_is_no_filter_any_more(self, cast, client_of, model):
        field = make_field(model, "vip", "bool")
        field.active = False
        field.save()
        assert len(shown(client_of(cast.sales), model, "cf_vip=true&columns=cf_vip")) == 4

    def test_a_saved_view_keeps_them(self, cast, client_of, model):
        all_kinds(model)
        client = client_of(cast.sales)
        base = f"/views/{model._meta.app_label}/{model._meta.model_name}/new/"
        answer = client.post(f"{base}?cf_seats_min=3&columns=cf_seats&sort=-cf_seats", {"name": "Large"})
        assert answer.status_code in (204, 302), answer.content
        view = SavedView.objects.get()
        assert shown(client, model, view.address[1:]) == [1, 2]

    def test_others_rows_stay_hidden(self, cast, client_of):
        make_field(Lead, "nickname")
        LeadFactory(owner=cast.sales, custom={"nickname": "Secret"})
        client = client_of(cast.sales2)
        assert shown(client, Lead, "cf_nickname=Secret&columns=cf_nickname") == []


class TestExport:
    def test_columns_and_filters(self, cast, client_of, model):
        all_kinds(model)
        client = client_of(cast.sales)
        base = f"{reverse(model.url_name('export'))}?columns=cf_nickname,cf_seats,cf_since,cf_vip,tags&cf_seats_min=2"
        text = b"".join(client.get(f"{base}&format=csv").streaming_content).decode()
        lines = sorted(text.lstrip("\ufeff").splitlines()[1:])
        assert any(line.startswith("Ace of base,2,2026-03-01,") for line in lines)
        assert len(lines) == 3
        sheet = load_workbook(io.BytesIO(b"".join(client.get(f"{base}&format=xlsx").streaming_content))).active
        rows = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
        assert rows["King"][1] == 10
        assert rows["King"][2].year == 2025

    def test_no_formula_gets_out(self, cast, client_of):
        make_field(Lead, "nickname")
        LeadFactory(owner=cast.sales, custom={"nickname": "=1+1"})
        answer = client_of(cast.sales).get("/leads/export/?format=csv&columns=cf_nickname")
        assert "'=1+1" in b"".join(answer.streaming_content).decode()


class TestTags:
    def test_column_and_filter(self, cast, client_of, model):
        make_tags("Fair", "Partner")
        first, second = model.objects.order_by("pk")[:2]
        model.objects.filter(pk=first.pk).update(tags=["Fair", "Partner"])
        model.objects.filter(pk=second.pk).update(tags=["Fair"])
        client = client_of(cast.sales)
        assert "Partner" in client.get(f"{reverse(model.url_name('list'))}?columns=tags").context["body"]
        assert set(shown(client, model, "tags=Fair")) == {0, 1}
        assert set(shown(client, model, "tags=Partner")) == {0}
        assert set(shown(client, model, "tags=Partner&or=tags%3DFair")) == {0, 1}

    def test_added_and_removed_in_bulk(self, cast, client_of, model):
        make_tags("Fair", "Partner")
        client = client_of(cast.sales)
        url = reverse(model.url_name("list"))
        ids = list(model.objects.order_by("pk").values_list("pk", flat=True))[:2]
        asked = client.post(url, {"verb": "add_tags", "ids": ids})
        assert b"Partner" in asked.content
        sent = {"verb": "add_tags", "ids": ids, "confirmed": "1", "facts-tags": ["Partner", "Fair"]}
        assert client.post(url, sent).status_code == 302
        assert list(model.objects.order_by("pk").values_list("tags", flat=True)) == [["Fair", "Partner"]] * 2 + [[], []]
        gone = {"verb": "remove_tags", "all": "1", "confirmed": "1", "facts-tags": ["Fair"]}
        assert client.post(url, gone).status_code in (200, 302)
        assert sorted(model.objects.values_list("tags", flat=True)) == [[], [], ["Partner"], ["Partner"]]

    def test_bulk_touches_only_rows_one_sees_and_needs_the_right_to_change(self, cast, client_of):
        make_tags("Fair")
        mine, other = LeadFactory(owner=cast.sales), LeadFactory(owner=cast.sales2)
        sent = {"verb": "add_tags", "ids": [mine.pk, other.pk], "confirmed": "1", "facts-tags": ["Fair"]}
        client_of(cast.sales).post("/leads/", sent)
        other.refresh_from_db()
        mine.refresh_from_db()
        assert (mine.tags, other.tags) == (["Fair"], [])
        invoice = InvoiceFactory()
        sent["ids"] = [invoice.pk]
        assert client_of(cast.manager).post("/invoices/", sent).status_code == 403

    def test_on_one_record_also_when_it_is_frozen(self, cast, client_of):
        make_tags("Fair", "Partner")
        quote = QuoteFactory(owner=cast.sales, state="sent", tags=["Fair"])
        client = client_of(cast.sales)
        url = client.get(quote.get_absolute_url()).context["tags_url"]
        assert "checked" in client.get(url).content.decode()
        assert client.post(url, {"tags": ["Partner"]}).status_code == 302
        quote.refresh_from_db()
        assert quote.tags == ["Partner"]
        assert client.post(url, {"tags": ["Nonsense"]}).status_code == 422
        assert client_of(cast.sales2).get(url).status_code == 404
        assert client_of(cast.accountant).post(url, {"tags": []}).status_code == 403
        assert client.get("/tags/core/webhook/1/").status_code == 404
        assert client.get("/tags/no/such/1/").status_code == 404

    def test_a_new_name_and_the_end_of_a_tag_reach_every_record(
        self, cast, client_of, django_capture_on_commit_callbacks
    ):
        fair, _partner = make_tags("Fair", "Partner")
        LeadFactory(tags=["Fair", "Partner"])
        QuoteFactory(state="accepted", tags=["Fair"])
        assert tagging.replace("Fair", "Expo") == 2
        assert Lead.objects.get().tags == ["Expo", "Partner"]
        assert tagging.replace("Expo", "Partner") == 2
        assert (Lead.objects.get().tags, Quote.objects.get().tags) == (["Partner"], ["Partner"])
        assert tagging.replace("Partner") == 2
        assert Lead.objects.get().tags == []
        client = client_of(cast.manager)
        assert client.post(f"/settings/tags/{fair.pk}/edit/", {"name": "partner", "colour": "red"}).status_code == 422
        assert client_of(cast.sales).get("/settings/tags/").status_code == 403
        assert client.post(f"/settings/tags/{fair.pk}/delete/").status_code == 302
        assert not Tag.objects.filter(name="Fair").exists()


class TestIndexes:
    def test_made_for_numbers_days_and_texts_and_dropped_with_the_field(self, db):
        seats = make_field(Lead, "seats", "number")
        nickname = make_field(Lead, "nickname")
        make_field(Lead, "vip", "bool")
        indexes.keep()
        words = f"cf_{nickname.pk}_words"
        assert set(indexes.present()) == {f"cf_{seats.pk}_up", f"cf_{seats.pk}_down", words}
        with connection.cursor() as cursor:
            cursor.execute("SELECT reloptions FROM pg_class WHERE relname = %s", [words])
            assert cursor.fetchone() == (["gin_pending_list_limit=64"],)
        indexes.keep()
        seats.active = False
        seats.save()
        indexes.keep()
        assert set(indexes.present()) == {words}
        nickname.active = False
        nickname.save()
        indexes.keep()
        assert indexes.present() == {}

    @pytest.mark.django_db(transaction=True)
    def test_made_outside_a_transaction(self):
        seats = make_field(Company, "seats", "number")
        indexes.keep()
        assert indexes.present() == {f"cf_{seats.pk}_up": True, f"cf_{seats.pk}_down": True}
        seats.delete()
        indexes.keep()
        assert indexes.present() == {}

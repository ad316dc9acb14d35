"""What custom fields and tags cost: no query more on any page, and an index for what is sorted and filtered."""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.http import HttpRequest, QueryDict
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.fields import indexes
from core.fields.columns import of
from core.fields.filters import extended
from core.filters import build
from core.models import CustomField, Event
from core.pages.keyset import Order
from leads.models import Lead
from parties.models import Company
from quotes.models import Quote
from tests.core.fields import make_field, make_tags
from tests.factories import CompanyFactory, LeadFactory, QuoteFactory

FACTORIES = {Lead: LeadFactory, Company: CompanyFactory, Quote: QuoteFactory}
CUSTOM = {"sector": "Food", "seats": 3, "since": "2026-01-01", "vip": True, "nickname": "Ace"}


def queries(client, url, method="get", data=None):
    with CaptureQueriesContext(
        connection,
    ) as found:
        answer = getattr(client, method)(url, data)
    assert answer.status_code in (200, 302), url
    return len(found)


def define(model):
    make_field(model, "sector", "choice", choices=["Steel", "Food"], in_list=True)
    for kind, name in (("number", "seats"), ("date", "since"), ("bool", "vip"), ("text", "nickname")):
        make_field(model, name, kind, in_list=True)
    make_tags(f"Fair {model.__name__}")


@pytest.mark.parametrize("model", FACTORIES, ids=lambda model: model.__name__)
def test_pages_ask_the_database_no_more_than_before(cast, client_of, model):
    record = FACTORIES[model](owner=cast.sales, custom=CUSTOM, tags=["Fair"])
    FACTORIES[model].create_batch(3, owner=cast.sales, custom=CUSTOM)
    client = client_of(cast.sales)
    base = record.get_absolute_url()
    listed = reverse(model.url_name("list"))
    urls = [listed, f"{listed}?panel=filters", base, f"{base}edit/"]
    for url in urls:
        queries(client, url)
    before = {url: queries(client, url) for url in urls}
    define(model)
    for url in urls:
        queries(client, url)
    after = {url: queries(client, url) for url in urls}
    assert after == before


def test_a_new_record_is_born_with_its_values(cast, client_of):
    client = client_of(cast.sales)
    plain = {"last_name": "Rossi", "country": "IT", "language": "it"}
    queries(client, "/leads/new/", "post", plain)
    before = queries(client, "/leads/new/", "post", plain)
    define(Lead)
    queries(client, "/leads/new/")
    sent = plain | {f"cf_{name}": str(value).lower() for name, value in CUSTOM.items() if name != "sector"}
    after = queries(client, "/leads/new/", "post", sent | {"cf_sector": "Food", "tags": ["Fair Lead"]})
    lead = Lead.objects.latest("pk")
    assert (lead.custom, lead.tags) == ({**CUSTOM, "nickname": "ace"}, ["Fair Lead"])
    assert after == before
    assert lead.pgh_event_model.objects.filter(pgh_obj_id=lead.pk).count() == 1
    assert Event.objects.about(lead).count() == 1


def plan(rows):
    return rows.explain()


@pytest.mark.django_db
def test_numbers_days_choices_and_tags_are_found_by_an_index():
    owner = get_user_model().objects.create(username="somebody")
    for name, kind in (("seats", "number"), ("since", "date"), ("sector", "choice"), ("nickname", "text")):
        make_field(Company, name, kind, choices=["Steel", "Food"] if kind == "choice" else [])
    indexes.keep()
    rows = (
        Company(
            name=f"Company {n}",
            owner=owner,
            custom={
                "seats": n,
                "since": f"2026-01-{n % 28 + 1:02}",
                "sector": "Steel" if n % 50 else "Food",
                "nickname": f"Città n{n:05} Alfa",
            }
            if n % 3
            else {},
            tags=["Fair"] if n % 100 == 1 else [],
        )
        for n in range(4000)
    )
    Company.objects.bulk_create(rows, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE parties_company")

    def narrowed(query):
        request = HttpRequest()
        request.user = owner
        found = extended(None, Company)
        return build(found, request, Company.objects.all(), QueryDict(query)).narrowed()

    column = of(Company)["cf_seats"]
    listed = Company.objects.annotate(cf_seats=column.expression)
    for descending in (True, False):
        order = Order.of(listed, "cf_seats", descending=descending)
        assert "Index Scan using cf_" in plan(order.apply(listed)[:51])
    assert " cf_" in plan(narrowed("cf_seats_min=3990"))
    assert " cf_" in plan(narrowed("cf_since_after=2026-01-28&cf_since_before=2026-01-28"))
    assert "company_custom" in plan(narrowed("cf_sector=Food"))
    words = f"cf_{CustomField.objects.get(name='nickname').pk}_words"
    for typed in ("n01234", "n0123", "alfa n01234", "nowhere", "alfa"):
        found = plan(narrowed(f"cf_nickname={typed}"))
        assert words in found and "Seq Scan" not in found, found
    assert [company.name for company in narrowed("cf_nickname=CITTA n01234")] == ["Company 1234"]
    assert narrowed("cf_nickname=alf").count() == Company.objects.exclude(custom={}).count()
    make_tags("Fair")
    assert "company_tags" in plan(narrowed("tags=Fair"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ace", True), ("ACE of bas", True), ("base ace", True), ("caffe", True), ("caffè", True), ("AB-12/7", True),
        ("ab-12", True), ("anna@rossi.it", True), ("ce", False), ("aces", False), ("rossi zzz", False), ("%", False),
        ("'", False), ("' | 'ace", True), ("!ace", True), ("x" * 500, False), ("🦆", False),
    ],
)  # fmt: skip
def test_a_text_is_found_by_its_words_and_their_beginnings(typed, found):
    make_field(Lead, "nickname")
    LeadFactory(custom={"nickname": "Ace of base: Caffè AB-12/7 anna@rossi.it"})
    LeadFactory(custom={})
    request = HttpRequest()
    request.user = get_user_model()(is_superuser=True)
    query = QueryDict(mutable=True)
    query["cf_nickname"] = typed
    rows = build(extended(None, Lead), request, Lead.objects.all(), query).narrowed()
    assert rows.count() == int(found)


def test_words_in_text_fields_are_found_by_search(cast, client_of):
    make_field(Lead, "nickname")
    lead = LeadFactory(owner=cast.sales, last_name="Rossi", custom={"nickname": "Zanzibar"})
    client = client_of(cast.sales)
    assert lead.get_absolute_url() in client.get("/search/?q=zanzi").content.decode()
    assert lead.get_absolute_url() in client.get("/leads/?q=zanzibar").context["body"]
    assert lead.get_absolute_url() not in client_of(cast.sales2).get("/search/?q=zanzi").content.decode()

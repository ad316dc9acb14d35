"""The demo company: whole, believable, the same for the same seed."""

import hashlib
from datetime import date

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Count, Sum
from django.urls import get_resolver
from stdnum.it import codicefiscale, iva

from core import history
from core.lifecycle import verbs
from core.models import Delivery, Event, ImportRun, Series, Stateful
from invoicing.models import Invoice, InvoiceLine
from leads.models import Enrolment
from orders.models import Contract
from parties.models import Company
from people.models import User
from projects.models import Project
from zencrm.demo import identifiers, story, tables

#: Jobs of the house (what is sent, what is imported) are no documents of the story.
DOCUMENTS = [m for m in apps.get_models() if issubclass(m, Stateful) and m not in (Delivery, ImportRun)]


class RolledBack(Exception):
    """Ends a telling without keeping it."""


@pytest.fixture
def told(db):
    return story.tell(leads=1500, seed=1, today=date(2026, 11, 20))


@pytest.mark.parametrize(
    "today",
    [
        date(2026, 11, 19),
        date(2026, 11, 24),
        date(2027, 1, 1),
        date(2027, 8, 15),
        date(2028, 2, 29),
        date(2029, 12, 27),
    ],
    ids=str,
)
def test_every_state_of_every_document_occurs_whatever_the_day(db, today):
    story.tell(leads=1500, seed=1, today=today)
    occurring = {m.__name__: set(m.objects.order_by().values_list("state", flat=True).distinct()) for m in DOCUMENTS}
    assert occurring == {model.__name__: set(model.State.values) for model in DOCUMENTS}


def test_it_is_a_company_of_the_promised_size(told):
    assert told["leads.Lead"] == 1500
    assert 400 <= told["opportunities.Opportunity"] <= 650
    assert told["parties.Company"] >= 300
    assert told["parties.Contact"] >= 550
    assert User.objects.filter(username__in=("sales", "manager", "accountant", "admin")).count() == 4


def test_every_act_it_tells_has_its_sentence(told):
    """What the timeline has no sentence for, it would show as a bare, untranslated name."""
    assert get_resolver().url_patterns  # the pages, and all that registers its sentences with them
    acts = Event.objects.values_list("name", "subject_type__app_label", "subject_type__model").distinct()
    bare = {
        name
        for name, app, label in acts
        if (event := name.partition(".")[2]) not in {verb.event for verb in verbs(apps.get_model(app, label)).values()}
        and history.sentence(name, apps.get_model(app, label)) == event.replace("_", " ")
    }
    assert acts.exists()
    assert bare == set()


def test_who_left_a_sequence_because_they_replied_has_replied(told):
    left = Enrolment.objects.filter(why=Enrolment.Why.REPLIED)
    assert left.exists()
    assert not left.exclude(sends__replied_at__isnull=False).exists()


def test_identifiers_are_valid(told):
    for vat_number, tax_code in Company.objects.values_list("vat_number", "tax_code"):
        assert iva.is_valid(vat_number)
        assert iva.is_valid(tax_code)


def test_a_persons_tax_code_has_its_check_character():
    import random

    code = identifiers.tax_code(random.Random(1), first="Giulia", last="Fo", birth_year=1981)
    assert codicefiscale.is_valid(code)
    assert code.startswith("FOX")


def test_documents_agree_to_the_cent(told):
    for contract in Contract.objects.exclude(order=None).select_related("order"):
        assert contract.net == contract.order.net
    for model in (Contract, Invoice):
        for document in model.objects.annotate(sum_of_lines=Sum("lines__net")):
            assert document.net.amount == document.sum_of_lines
    for project in Project.objects.annotate(entries_count=Count("entries")):
        assert project.totals_by_kind()["budget"] == project.budget.amount


def test_invoice_numbers_have_no_gaps_and_run_with_the_days(told):
    for series in Series.objects.filter(code="FT"):
        rows = Invoice.objects.filter(number__startswith=f"FT {series.year}/").order_by("number")
        assert [row.number for row in rows] == [f"FT {series.year}/{n:04d}" for n in range(1, series.last + 1)]
        dates = [row.issued_on for row in rows]
        assert dates == sorted(dates)


def test_the_same_seed_tells_the_same_story(db):
    def fingerprint():
        with pytest.raises(RolledBack), transaction.atomic():
            story.tell(leads=60, seed=7, today=date(2026, 11, 20))
            with connection.cursor() as cursor:
                cursor.execute("SELECT number, state, net, due_on FROM invoicing_invoice ORDER BY number NULLS FIRST")
                rows = cursor.fetchall()
                cursor.execute("SELECT company_name, email, state FROM leads_lead ORDER BY id")
                rows += cursor.fetchall()
            raise RolledBack
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    assert fingerprint() == fingerprint()


def test_it_can_grow_an_existing_company(told):
    before = Invoice.objects.count()
    story.tell(leads=200, seed=2, today=date(2026, 11, 20))
    assert Invoice.objects.count() > before


def test_a_large_company_is_written_in_many_pieces(db, monkeypatch):
    monkeypatch.setattr(tables, "FLUSH_AT", 40)
    told = story.tell(leads=150, seed=3, today=date(2026, 11, 20))
    assert told["invoicing.InvoiceLine"] > 40
    assert InvoiceLine.objects.count() == told["invoicing.InvoiceLine"]

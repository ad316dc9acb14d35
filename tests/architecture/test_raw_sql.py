"""The database itself holds the line: no SQL makes an illegal move, changes what was approved or issued, or forgets an event.

The moves are generated from the verbs, so that a new state or document is tested unasked.
"""

import itertools

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core import history, outbox
from core.lifecycle import edges
from core.models import Delivery, Event, File, Stateful
from tests import factories
from tests.factories import ContractFactory, InvoiceFactory, QuoteFactory, SalesOrderFactory, UserFactory, _force

pytestmark = pytest.mark.django_db

STATEFUL = sorted((m for m in apps.get_models() if issubclass(m, Stateful)), key=lambda model: model._meta.label)


def states(model):
    return [value for value, _label in model._meta.get_field("state").flatchoices]


def make(model, state):
    if model is Delivery:
        row = outbox.send(channel="ubl", key=f"k-{state}", subject=factories.LeadFactory(), payload={})
        _force(row, state, {})
        return row
    return getattr(factories, f"{model.__name__}Factory")(state=state)


def sql(statement, *params):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.rowcount


def refused(statement, *params):
    with pytest.raises(DatabaseError):
        sql(statement, *params)


@pytest.mark.parametrize("model", STATEFUL, ids=lambda model: model._meta.label)
def test_every_stateful_model_has_edges_and_a_guard(model):
    assert edges(model)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE %s AND tgenabled <> 'D'",
            [model._meta.db_table, "%legal_moves%"],
        )
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize("model", STATEFUL, ids=lambda model: model._meta.label)
def test_sql_makes_no_illegal_move(model):
    """Every pair of states that no verb joins, on a row in the first of them."""
    table, legal = model._meta.db_table, set(edges(model))
    rows = {state: make(model, state) for state in states(model)}
    tried = 0
    for source, target in itertools.permutations(states(model), 2):
        if (source, target) in legal:
            continue
        refused(f"UPDATE {table} SET state = %s WHERE id = %s", target, rows[source].pk)  # noqa: S608
        tried += 1
    assert tried == len(states(model)) * (len(states(model)) - 1) - len({e for e in legal if e[0] != e[1]})
    assert {s: model._base_manager.get(pk=row.pk).state for s, row in rows.items()} == {s: s for s in rows}


@pytest.mark.parametrize("model", STATEFUL, ids=lambda model: model._meta.label)
def test_bulk_updates_make_no_illegal_move(model):
    source, target = next(pair for pair in itertools.permutations(states(model), 2) if pair not in set(edges(model)))
    row = make(model, source)
    with pytest.raises(DatabaseError), transaction.atomic():
        model._base_manager.filter(pk=row.pk).update(state=target)


def column_of(record, column):
    """What the database holds now."""
    return getattr(type(record)._base_manager.get(pk=record.pk), column)


@pytest.mark.parametrize("state", ["validated", "approved", "contracted", "fulfilled", "cancelled"])
@pytest.mark.parametrize("column", ["net", "gross", "title", "customer_name", "number", "payment_days", "company_id"])
def test_an_order_past_its_draft_keeps_its_words_and_figures(state, column):
    order = SalesOrderFactory(state=state)
    value = {"title": "x", "customer_name": "x", "number": "x"}.get(column, 7)
    refused(f"UPDATE orders_salesorder SET {column} = %s WHERE id = %s", value, order.pk)  # noqa: S608
    assert column_of(order, column) == getattr(order, column)


@pytest.mark.parametrize("state", ["pending_approval", "approved", "sent", "accepted", "declined", "superseded"])
def test_a_quote_past_its_draft_keeps_its_figures(state):
    quote = QuoteFactory(state=state)
    refused("UPDATE quotes_quote SET gross = gross + 1 WHERE id = %s", quote.pk)
    assert column_of(quote, "gross") == quote.gross


@pytest.mark.parametrize("state", ["active", "closed", "renewed", "terminated"])
def test_a_contract_in_force_keeps_its_figures(state):
    contract = ContractFactory(state=state)
    refused("UPDATE orders_contract SET net = net + 1 WHERE id = %s", contract.pk)
    assert column_of(contract, "net") == contract.net


@pytest.mark.parametrize("state", ["issued", "partly_paid", "paid", "credited"])
@pytest.mark.parametrize(
    "column", ["net", "vat", "gross", "number", "issued_on", "customer_name", "customer_vat_number"]
)
def test_an_issued_invoice_keeps_its_words_and_figures(state, column):
    invoice = InvoiceFactory(state=state)
    value = {"issued_on": timezone.localdate().replace(year=2001)}.get(column, "7")
    refused(f"UPDATE invoicing_invoice SET {column} = %s WHERE id = %s", value, invoice.pk)  # noqa: S608
    assert column_of(invoice, column) == getattr(invoice, column)


LINES = (
    ("orders_salesorderline", "order_id", SalesOrderFactory, "approved"),
    ("orders_contractline", "contract_id", ContractFactory, "active"),
    ("quotes_quoteline", "quote_id", QuoteFactory, "accepted"),
    ("invoicing_invoiceline", "invoice_id", InvoiceFactory, "issued"),
)


@pytest.mark.parametrize(("table", "parent", "factory", "state"), LINES, ids=[line[0] for line in LINES])
def test_lines_of_a_frozen_document_cannot_be_added_changed_or_removed(table, parent, factory, state):
    document, draft = factory(state=state), factory()
    lines = list(document.lines.values_list("pk", flat=True))
    refused(f"UPDATE {table} SET quantity = quantity + 1 WHERE {parent} = %s", document.pk)  # noqa: S608
    refused(f"DELETE FROM {table} WHERE {parent} = %s", document.pk)  # noqa: S608
    refused(f"UPDATE {table} SET {parent} = %s WHERE {parent} = %s", draft.pk, document.pk)  # noqa: S608
    refused(f"UPDATE {table} SET {parent} = %s WHERE {parent} = %s", document.pk, draft.pk)  # noqa: S608
    columns = [f.column for f in document.lines.model._meta.concrete_fields if f.column not in ("id", parent)]
    named = ", ".join(columns)
    refused(
        f"INSERT INTO {table} ({parent}, {named}) SELECT %s, {named} FROM {table} WHERE {parent} = %s",  # noqa: S608
        document.pk,
        draft.pk,
    )
    assert list(document.lines.values_list("pk", flat=True)) == lines


@pytest.fixture
def event():
    return history.record("lead.created", factories.LeadFactory(), by=UserFactory(), data={"a": 1})


def test_an_event_cannot_be_deleted(event):
    refused("DELETE FROM core_event WHERE id = %s", event.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.filter(pk=event.pk).delete()
    assert Event.objects.filter(pk=event.pk).exists()


@pytest.mark.parametrize(
    ("column", "value"),
    [("name", "x"), ("actor_name", "x"), ("actor_id", None), ("at", timezone.now()), ("source", "x"), ("target", "x"),
     ("data", "{}"), ("subject_id", 0)],
)  # fmt: skip
def test_an_event_cannot_be_rewritten(event, column, value):
    refused(f"UPDATE core_event SET {column} = %s WHERE id = %s", value, event.pk)  # noqa: S608
    assert column_of(event, column) == getattr(event, column)


def test_the_outbox_may_stamp_an_event(event):
    assert sql("UPDATE core_event SET attempts = attempts + 1 WHERE id = %s", event.pk) == 1


@pytest.mark.parametrize(("table", "column"), [("core_file", "content"), ("core_delivery", "payload")])
def test_what_left_the_house_cannot_be_changed_or_deleted(table, column):
    file = ("a.pdf", "application/pdf", b"%PDF")
    outbox.send(channel="email", key="k", subject=factories.LeadFactory(), payload={"to": []}, files=[file])
    assert File.objects.count() == 1
    refused(f"UPDATE {table} SET {column} = NULL")  # noqa: S608
    refused(f"DELETE FROM {table}")  # noqa: S608


TRACKED = sorted(m._meta.db_table for m in apps.get_models() if hasattr(m, "pgh_tracked_model"))


@pytest.mark.parametrize("table", TRACKED)
def test_versions_of_rows_cannot_be_rewritten(table):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE %s", [table, "%append_only%"]
        )
        assert cursor.fetchone() == (1,)

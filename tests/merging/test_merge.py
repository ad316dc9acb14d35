"""Two records made one: rights first, then what moves, what is chosen, what refuses."""

from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from activities.models import Note
from core import merging, webhooks
from core.lifecycle import Refused
from core.merging import registry, stragglers
from core.models import Erasure, Event, Merge
from core.references import references_to
from leads.models import Lead
from parties.models import Company, Contact
from quotes.models import Quote
from tests.factories import (
    CompanyFactory,
    ContactFactory,
    InvoiceFactory,
    LeadFactory,
    OpportunityFactory,
    QuoteFactory,
)
from tests.merging.families import MAKERS, children

pytestmark = pytest.mark.django_db
#: What never hangs on a record that is merged: bookings come from hours and costs, and an erased person stays alone.
NOT_THEIRS = ("projects.entry.source_id", "core.erasure.subject_id")


def pair(kind, **values):
    factory, _grow = MAKERS[kind]
    return factory(), factory(**values)


# --- Rights ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("who", ["nobody", "hr", "pm"])
def test_who_may_not_merge_changes_nothing(cast, kind, who):
    keep, absorb = pair(kind)
    with pytest.raises(PermissionDenied):
        merging.merge(keep=keep, absorb=absorb, by=getattr(cast, who))
    assert type(keep).objects.filter(pk__in=[keep.pk, absorb.pk]).count() == 2
    assert not Merge.objects.exists()


def test_companies_are_merged_by_those_who_answer_for_documents(cast):
    keep, absorb = pair("company")
    with pytest.raises(PermissionDenied):
        merging.merge(keep=keep, absorb=absorb, by=cast.sales)
    merging.merge(keep=keep, absorb=absorb, by=cast.accountant)
    assert not Company.objects.filter(pk=absorb.pk).exists()


@pytest.mark.parametrize("hidden", ["keep", "absorb"])
def test_both_must_be_in_sight(cast, hidden):
    leads = {name: LeadFactory(owner=cast.sales) for name in ("keep", "absorb")}
    Lead.objects.filter(pk=leads[hidden].pk).update(owner=cast.sales2)
    with pytest.raises(PermissionDenied):
        merging.merge(**leads, by=cast.sales)
    merging.merge(**leads, by=cast.manager)


def test_a_merge_is_undone_by_those_who_may_merge_only(cast):
    keep, absorb = pair("company")
    done = merging.merge(keep=keep, absorb=absorb, by=cast.manager)
    with pytest.raises(PermissionDenied):
        merging.undo(merge=done, by=cast.sales)
    lead, other = LeadFactory(owner=cast.sales2), LeadFactory(owner=cast.sales2)
    done = merging.merge(keep=lead, absorb=other, by=cast.sales2)
    with pytest.raises(PermissionDenied):
        merging.undo(merge=done, by=cast.sales)


# --- What moves -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["company", "contact"])
def test_everything_moves_and_nothing_is_left_behind(cast, kind):
    keep, absorb = pair(kind)
    MAKERS[kind][1](absorb)
    made = children(absorb)
    not_made = [name for name, count in made.items() if not count and name not in NOT_THEIRS]
    assert not_made == [], "write a child of this kind into tests/merging/families.py"
    before = children(keep)
    done = merging.merge(keep=keep, absorb=absorb, by=cast.manager)
    assert children(absorb) == dict.fromkeys(made, 0)
    after = children(keep)
    told = {"core.event.subject_id": 1}
    assert after == {name: before[name] + count + told.get(name, 0) for name, count in made.items()}
    assert {name: len(ids) for name, ids in done.moved.items()} == {name: n for name, n in made.items() if n}


def test_what_hangs_on_a_lead_and_its_thread_moves(cast):
    keep, absorb = pair("lead")
    MAKERS["lead"][1](absorb)
    merging.merge(keep=keep, absorb=absorb, by=cast.manager)
    deal = keep.opportunity
    assert deal.thread_id == keep.thread_id
    assert set(Event.objects.about(keep).values_list("thread", flat=True)) == {keep.thread_id}
    assert not any(children(absorb).values())


def test_issued_documents_follow_and_say_what_they_said(cast):
    invoice = InvoiceFactory(state="issued")
    keep, absorb = CompanyFactory(name="Alfa"), invoice.company
    merging.merge(keep=keep, absorb=absorb, by=cast.accountant)
    said = invoice.customer_name
    invoice.refresh_from_db()
    assert (invoice.company, invoice.customer_name) == (keep, said)
    assert said != "Alfa"


def test_the_door_is_open_for_a_merge_only():
    """Neither before, nor after, nor to another company, nor in another transaction."""
    invoice, other = InvoiceFactory(state="issued"), CompanyFactory()

    def move(company):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE invoicing_invoice SET company_id = %s WHERE id = %s", [company.pk, invoice.pk])

    with pytest.raises(DatabaseError):
        move(other)
    keep = CompanyFactory()
    Merge.objects.create(kind="parties.company", survivor_id=keep.pk, absorbed_id=invoice.company_id, actor_name="x")
    with pytest.raises(DatabaseError):
        move(other)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE invoicing_invoice SET company_id = %s, title = 'x' WHERE id = %s", [keep.pk, invoice.pk])
    move(keep)


@pytest.mark.django_db(transaction=True)
def test_a_merge_of_yesterday_opens_no_door():
    invoice, keep = InvoiceFactory(state="issued"), CompanyFactory()
    Merge.objects.create(kind="parties.company", survivor_id=keep.pk, absorbed_id=invoice.company_id, actor_name="x")
    with pytest.raises(DatabaseError):
        type(invoice).objects.filter(pk=invoice.pk).update(company=keep)
    merge = Merge.objects.get()
    for change in ({"survivor_id": 5}, {"moved": {"x": [1]}}, {"kept": {"x": 1}}, {"kind": "x"}, {"actor_name": "y"}):
        with pytest.raises(DatabaseError):
            Merge.objects.filter(pk=merge.pk).update(**change)
    with pytest.raises(DatabaseError):
        merge.delete()
    Merge.objects.filter(pk=merge.pk).update(kept={}, moving=None)
    assert Merge.objects.get().moving == merge.moving


def test_events_and_deliveries_are_frozen_but_for_a_merge(cast):
    keep, absorb = pair("contact")
    MAKERS["contact"][1](absorb, rich=False)
    event = Event.objects.about(absorb).first()
    with pytest.raises(DatabaseError), transaction.atomic():
        Event.objects.filter(pk=event.pk).update(subject_id=keep.pk)
    merging.merge(keep=keep, absorb=absorb, by=cast.care)
    event.refresh_from_db()
    assert event.subject_id == keep.pk


# --- What is chosen -------------------------------------------------------------------------------------------------------


def test_what_is_empty_is_filled_and_what_is_chosen_is_taken(cast):
    keep = CompanyFactory(name="Alfa", phone="", notes="One", is_customer=False, is_supplier=True, payment_days=0)
    absorb = CompanyFactory(
        name="Alfa S.r.l.", phone="02 1", notes="Two", is_customer=True, payment_days=60, city="Roma"
    )
    names = {choice.name: choice for choice in merging.differences(keep, absorb, cast.manager)}
    assert (names["phone"].preset, names["name"].preset, names["is_customer"].preset) == ("absorb", "keep", "absorb")
    assert (names["payment_days"].preset, names["notes"].options) == ("keep", ("keep", "absorb", "both"))
    assert "vat_number" not in names
    chosen = {"name": "absorb", "notes": "both", "city": "keep", "email": "nonsense", "state": "absorb", "id": "absorb"}
    merging.merge(keep=keep, absorb=absorb, by=cast.manager, chosen=chosen)
    keep.refresh_from_db()
    assert (keep.name, keep.phone, keep.notes, keep.city) == ("Alfa S.r.l.", "02 1", "One\n\nTwo", "Milano")
    assert (keep.is_customer, keep.is_supplier, keep.payment_days) == (True, True, 0)


def test_amounts_come_with_their_currency_and_further_data_key_by_key(cast):
    keep = LeadFactory(budget=None, attributes={"a": 1, "b": ""})
    absorb = LeadFactory(budget=500, currency="CHF", attributes={"a": 2, "b": "x", "c": [1]})
    merging.merge(keep=keep, absorb=absorb, by=cast.manager, chosen={"attributes.a": "absorb"})
    keep.refresh_from_db()
    assert (str(keep.budget.currency), keep.budget.amount) == ("CHF", 500)
    assert keep.attributes == {"a": 2, "b": "x", "c": [1]}


def test_own_fields_one_by_one_and_tags_united(cast):
    keep = CompanyFactory(custom={"size": 3, "since": ""}, tags=["vip", "north"])
    absorb = CompanyFactory(custom={"size": 5, "since": "2020-01-01", "plain": True}, tags=["north", "fair"])
    names = {c.name: c.preset for c in merging.differences(keep, absorb, cast.manager) if c.key}
    assert names == {"custom.size": "keep", "custom.since": "absorb", "custom.plain": "absorb"}
    merging.merge(keep=keep, absorb=absorb, by=cast.manager, chosen={"custom.size": "absorb", "custom.plain": "keep"})
    keep.refresh_from_db()
    assert keep.custom == {"size": 5, "since": "2020-01-01"}
    assert keep.tags == ["vip", "north", "fair"]


def test_unique_keys_move_to_the_one_that_stays(cast):
    keep, absorb = CompanyFactory(external_key=""), CompanyFactory(external_key="k-1")
    merging.merge(keep=keep, absorb=absorb, by=cast.manager)
    keep.refresh_from_db()
    assert keep.external_key == "k-1"


def test_a_value_that_is_not_valid_is_refused_beside_its_field(cast):
    from django.core.exceptions import ValidationError

    keep, absorb = CompanyFactory(vat_number=""), CompanyFactory(vat_number="123")
    with pytest.raises(ValidationError) as caught:
        merging.merge(keep=keep, absorb=absorb, by=cast.manager)
    assert list(caught.value.message_dict) == ["vat_number"]
    merging.merge(keep=keep, absorb=absorb, by=cast.manager, chosen={"vat_number": "keep"})


# --- What refuses ---------------------------------------------------------------------------------------------------------


def test_a_converted_lead_is_the_one_to_keep(cast):
    converted, new = LeadFactory(state="converted"), LeadFactory()
    with pytest.raises(Refused, match="keep that one"):
        merging.merge(keep=new, absorb=converted, by=cast.manager)
    merging.merge(keep=converted, absorb=new, by=cast.manager, chosen={"email": "absorb"})
    kept = Lead.objects.get(pk=converted.pk)
    assert (kept.email, kept.state) == (converted.email, "converted")


def test_two_that_can_have_one_child_only(cast, monkeypatch):
    keep, absorb = pair("lead")
    for lead in (keep, absorb):
        OpportunityFactory(lead=lead)
    monkeypatch.setitem(registry._kinds, "leads.lead", replace(registry.kinds()["leads.lead"], apart=frozenset()))
    with pytest.raises(Refused, match="opportunity"):
        merging.merge(keep=keep, absorb=absorb, by=cast.manager)


@pytest.mark.parametrize("erased", ["keep", "absorb"])
def test_an_erased_person_stays_alone(cast, erased):
    leads = {"keep": LeadFactory(), "absorb": LeadFactory()}
    Erasure.objects.create(subject=leads[erased], reason="request", by_name="x")
    with pytest.raises(Refused, match="erased"):
        merging.merge(**leads, by=cast.manager)


def test_nothing_is_merged_with_itself_or_with_what_is_gone(cast):
    keep, absorb = pair("company")
    with pytest.raises(Refused, match="same record"):
        merging.merge(keep=keep, absorb=Company(pk=keep.pk), by=cast.manager)
    merging.merge(keep=keep, absorb=absorb, by=cast.manager)
    with pytest.raises(Refused, match="merged into another") as caught:
        merging.merge(keep=CompanyFactory(), absorb=absorb, by=cast.manager)
    assert caught.value.reasons[0].fix_url == keep.get_absolute_url()
    with pytest.raises(TypeError):
        merging.merge(keep=keep, absorb=QuoteFactory(), by=cast.manager)


def test_what_was_looked_at_must_not_have_changed(cast):
    from core.merging.engine import stamp

    keep, absorb = pair("company")
    seen = stamp(keep, absorb)
    absorb.save()
    with pytest.raises(Refused, match="since you opened"):
        merging.merge(keep=keep, absorb=absorb, by=cast.manager, seen=seen)


def test_trees_stay_trees(cast):
    mother = CompanyFactory()
    daughter = CompanyFactory(parent=mother)
    granddaughter = CompanyFactory(parent=daughter)
    merging.merge(keep=daughter, absorb=mother, by=cast.manager)
    daughter.refresh_from_db()
    assert daughter.parent is None
    child = CompanyFactory(parent=granddaughter)
    with pytest.raises(Refused, match="belong to itself"):
        merging.merge(keep=daughter, absorb=child, by=cast.manager)
    merging.merge(keep=daughter, absorb=child, by=cast.manager, chosen={"parent": "keep"})


# --- What is told ---------------------------------------------------------------------------------------------------------


def test_the_timeline_tells_and_chains_lead_to_the_last(cast):
    from core import history

    one, two, three = (CompanyFactory(name=name) for name in ("One", "Two", "Three"))
    merging.merge(keep=two, absorb=one, by=cast.manager)
    merging.merge(keep=three, absorb=two, by=cast.manager)
    assert merging.successor(Company, one.pk) == three.pk
    assert merging.successor(Company, three.pk) is None
    texts = [str(entry.text) for entry in history.timeline(three, cast.manager)]
    assert "merged “Two” into this record" in texts
    assert "merged “One” into this record" in texts


def test_other_systems_can_ask_to_be_told():
    names = {name for _kind, events in webhooks.event_names() for name in events}
    assert {"company.merged", "lead.parted", "contact.restored"} <= names
    assert "quote.merged" not in names


def test_every_kind_is_declared_where_the_triggers_look():
    assert set(merging.kinds()) == {"leads.lead", "parties.company", "parties.contact"}
    assert all(kind.model in (Lead, Company, Contact) for kind in merging.kinds().values())
    assert all(references_to(kind.model) for kind in merging.kinds().values())
    with pytest.raises(TypeError):
        merging.register(merging.Mergeable(Quote))


def test_a_contact_keeps_its_company(cast):
    company = CompanyFactory()
    keep, absorb = ContactFactory(company=None), ContactFactory(company=company)
    merging.merge(keep=keep, absorb=absorb, by=cast.care)
    keep.refresh_from_db()
    assert keep.company == company


def test_a_note_saved_in_the_moment_of_the_merge_is_brought_along(cast):
    keep, gone = LeadFactory(company_name="Alfa"), LeadFactory(company_name="Alfa 2")
    late = Note(subject=gone, body="Richiamare", author=cast.sales)
    merging.merge(keep=keep, absorb=gone, by=cast.manager)
    late.save()
    assert stragglers.bring_along() == 1
    late.refresh_from_db()
    assert late.subject == keep
    assert stragglers.bring_along() == 0

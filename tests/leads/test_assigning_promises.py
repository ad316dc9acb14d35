"""The promise of a first contact: what keeps it, and how a lead moves on when nobody kept it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from activities.models import Note, Notification
from activities.services import add_note, complete, schedule
from core import history, outbox
from core.models import Event
from leads.assigning import promises, wording
from leads.models import Assignment, Lead
from tests.factories import AssignmentRuleFactory, EmailFactory, LeadFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(cast):
    return AssignmentRuleFactory(members={cast.sales: 1, cast.sales2: 1}, sla_minutes=240)


def given(rule, user, *, due=-60, **values):
    """A lead this person got three hours ago, due so many minutes from now."""
    now = timezone.now()
    lead = LeadFactory(owner=user, **values)
    return Assignment.objects.create(
        lead=lead, user=user, rule=rule, reason="x", at=now - timedelta(hours=3), counts_on=timezone.localdate(),
        facts={}, due_by=now + timedelta(minutes=due),
    )  # fmt: skip


def call(lead, user):
    complete(activity=schedule(subject=lead, summary="Call", kind="call", by=user), by=user, outcome="Spoke to them")


CONTACTS = {
    "call": call,
    "meeting": lambda lead, user: complete(
        activity=schedule(subject=lead, summary="Visit", kind="meeting", by=user), by=user
    ),
    "note": lambda lead, user: add_note(subject=lead, body="Rang them", by=user),
    "mail": lambda lead, user: EmailFactory(subject=lead, owner=user, direction="out"),
    "verb": lambda lead, user: lead.take(by=user),
    "lost": lambda lead, user: lead.lose(by=user, reason="price"),
}
NO_CONTACTS = {
    "planned only": lambda lead, user, other: schedule(subject=lead, summary="Call", kind="call", by=user),
    "a task": lambda lead, user, other: complete(activity=schedule(subject=lead, summary="Think", by=user), by=user),
    "somebody else's note": lambda lead, user, other: add_note(subject=lead, body="Rang them", by=other),
    "a mail that came in": lambda lead, user, other: EmailFactory(subject=lead, owner=user, direction="in"),
    "before it was theirs": lambda lead, user, other: Note.objects.create(
        subject=lead, author=user, body="x", created_at=timezone.now() - timedelta(days=1)
    ),
    "nothing": lambda lead, user, other: None,
}


@pytest.mark.parametrize("act", CONTACTS.values(), ids=list(CONTACTS))
def test_what_keeps_a_promise(rule, cast, act):
    row = given(rule, cast.sales, due=60)
    act(row.lead, cast.sales)
    promises.keep_promises()
    row.refresh_from_db()
    assert row.first_contact_at is not None
    assert not row.is_late
    assert Lead.objects.get().owner == cast.sales


@pytest.mark.parametrize("act", NO_CONTACTS.values(), ids=list(NO_CONTACTS))
def test_what_does_not(rule, cast, act):
    row = given(rule, cast.sales)
    act(row.lead, cast.sales, cast.manager)
    assert promises.keep_promises() == 1
    row.refresh_from_db()
    assert (row.first_contact_at, row.is_late) == (None, True)
    assert Lead.objects.get().owner == cast.sales2


def test_a_late_contact_is_late_and_stays(rule, cast):
    row = given(rule, cast.sales)
    call(row.lead, cast.sales)
    assert promises.keep_promises() == 0
    row.refresh_from_db()
    assert row.is_late
    assert Lead.objects.get().owner == cast.sales


def test_what_is_not_due_or_promises_nothing_stays(rule, cast):
    given(rule, cast.sales, due=1)
    row = given(rule, cast.sales)
    promise_of_nothing = Assignment.objects.create(
        lead=LeadFactory(owner=cast.sales), user=cast.sales, rule=rule, reason="x", counts_on=timezone.localdate()
    )
    Lead.objects.filter(pk=row.lead_id).update(owner=cast.manager)  # a manager gave it to somebody else meanwhile
    closed = given(rule, cast.sales, state="converted")
    assert promises.keep_promises() == 0
    assert not Assignment.objects.exclude(moved_on_at=None).exists()
    assert not closed.is_late or closed.due_by < timezone.now()
    assert not promise_of_nothing.is_late


def test_it_moves_on_and_everybody_is_told(rule, cast, client_of):
    row = given(rule, cast.sales)
    assert promises.keep_promises() == 1
    assert promises.keep_promises() == 0
    row.refresh_from_db()
    lead, new = row.lead, Assignment.objects.exclude(pk=row.pk).get()
    assert row.moved_on_at is not None
    assert (new.user, lead.owner) == (cast.sales2, cast.sales2)
    assert wording.reason(new.facts).startswith("Sales Test made no contact within 4 hours of working time. Rule ")
    assert "Sales Test had it already" in wording.reason(new.facts)
    names = [event.name for event in Event.objects.about(lead).order_by("pk")]
    assert names == ["lead.moved_on", "lead.assigned"]
    told = set(Notification.objects.values_list("user__username", "name"))
    assert told == {("sales", "lead.moved_on"), ("manager", "lead.moved_on")}
    outbox.relay()
    assert Notification.objects.filter(user=cast.sales2, name="lead.assigned").exists()
    page = client_of(cast.sales).get("/notifications/").content.decode()
    assert "it was not contacted in time" in page
    assert str(lead) not in page  # it is no longer theirs to see


def test_nobody_left_stays_and_managers_know(rule, cast):
    row = given(rule, cast.sales2)
    rule.members.filter(user=cast.sales).delete()
    assert promises.keep_promises() == 1
    assert promises.keep_promises() == 0
    row.refresh_from_db()
    assert (row.escalated_at is None, row.moved_on_at, row.lead.owner) == (False, None, cast.sales2)
    assert Event.objects.about(row.lead).get().name == "lead.neglected"
    assert set(Notification.objects.filter(name="lead.neglected").values_list("user__username", flat=True)) == {
        "sales2",
        "manager",
    }
    entry = history.timeline(row.lead, cast.manager)[0]
    assert entry.text == "found that the lead was not contacted in time, and nobody else can take it"
    assert entry.body == str(cast.sales2)


def test_a_rule_out_of_use_moves_nothing_on(rule, cast):
    rule.active = False
    rule.save()
    row = given(rule, cast.sales)
    promises.keep_promises()
    row.refresh_from_db()
    assert row.escalated_at is not None


def test_many_are_stamped_in_few_queries(rule, cast, django_assert_max_num_queries):
    for _n in range(20):
        call(given(rule, cast.sales, due=60).lead, cast.sales)
    with django_assert_max_num_queries(12):
        assert promises.stamp_contacts() == 20

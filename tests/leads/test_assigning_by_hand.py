"""What people give and take by hand is in the log of assignments too, with who did it and why."""

from datetime import datetime

import pytest
from django.utils import timezone

from core import access
from leads.assigning import asking, giving, promises, wording
from leads.assigning.matching import active_rules
from leads.models import Assignment, Lead
from tests.factories import AssignmentRuleFactory, LeadFactory

pytestmark = pytest.mark.django_db
WEDNESDAY = timezone.make_aware(datetime(2026, 11, 18, 10))


def test_a_manager_gives_a_lead_to_somebody_else(cast, client_of):
    lead = LeadFactory(owner=cast.sales)
    answer = client_of(cast.manager).post(lead.act_url("assign"), {"to": cast.sales2.pk, "reason": "Sara is away"})
    assert answer.status_code == 302
    row = Assignment.objects.get()
    assert (row.lead, row.user, row.rule, row.due_by) == (lead, cast.sales2, None, None)
    assert row.reason == "Dato a mano, da Manager Test. Sara is away"
    assert wording.reason(row.facts) == "Given by hand, by Manager Test. Sara is away"
    page = client_of(cast.manager).get(lead.get_absolute_url()).content.decode()
    assert "Given by hand, by Manager Test. Sara is away" in page


def test_who_takes_a_lead_is_written_down_once(cast):
    lead = LeadFactory()
    lead.take(by=cast.sales)
    row = Assignment.objects.get()
    assert (row.user, row.rule, row.reason) == (cast.sales, None, "Preso a mano, da Sales Test.")
    lead.assign(by=cast.manager, to=cast.sales)  # theirs already
    assert Assignment.objects.count() == 1


def test_what_changes_no_owner_or_is_refused_is_not_in_the_log(cast, client_of):
    mine = LeadFactory(owner=cast.sales)
    mine.take(by=cast.sales)
    LeadFactory().assign(by=access.JOB, to=cast.sales)
    hers = LeadFactory(owner=cast.sales2)
    assert client_of(cast.sales).post(hers.act_url("take")).status_code == 404
    assert client_of(cast.manager).post(hers.act_url("assign"), {"to": cast.pm.pk}).status_code == 422
    assert not Assignment.objects.exists()


def test_an_owner_changed_in_the_admin(cast, client_of):
    lead = LeadFactory(owner=cast.sales, company_name="Pompe S.p.A.")
    client = client_of(cast.admin)
    form = client.get(f"/admin/leads/lead/{lead.pk}/change/").context["adminform"].form
    sent = {
        name: "" if value is None else value
        for name, field in form.fields.items()
        for value in [form[name].value()]
        if not isinstance(value, list | dict)
    }
    answer = client.post(f"/admin/leads/lead/{lead.pk}/change/", sent | {"owner": cast.sales2.pk, "budget_1": "EUR"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert Lead.objects.get().owner == cast.sales2
    row = Assignment.objects.get()
    assert (row.user, row.facts["by"]) == (cast.sales2, str(cast.admin))


def test_what_was_given_by_hand_takes_room_until_somebody_else_has_it(cast):
    AssignmentRuleFactory(members={cast.sales: 1}, minutes_per_lead=120, minutes_per_open_lead=0)
    for owner in (cast.sales, cast.sales2):
        lead, facts = LeadFactory(owner=owner), {"by": "E", "taken": False, "note": ""}
        Assignment.objects.create(lead=lead, user=cast.sales, reason="x", facts=facts, counts_on=WEDNESDAY.date())
    given = giving.give(LeadFactory().pk, active_rules(), WEDNESDAY)
    assert wording.reason(given.facts).endswith("Sales Test 2/4 today.")


def test_by_hand_breaks_no_promise_and_is_counted_apart(cast, client_of):
    rule = AssignmentRuleFactory(members={cast.sales: 1, cast.sales2: 1})
    lead = LeadFactory()
    given = giving.give(lead.pk, active_rules())
    lead.refresh_from_db()
    other = cast.sales2 if given.user == cast.sales else cast.sales
    lead.assign(by=cast.manager, to=other)
    Assignment.objects.filter(pk=given.pk).update(first_contact_at=None)
    assert promises.keep_promises() == 0
    answer = asking.ask(other, cast.manager)
    assert (answer.got, answer.by_hand, answer.not_in) == (0, 1, [])
    page = client_of(cast.manager).get(f"/leads/why-not-me/?person={other.pk}").content.decode()
    assert "Taken or given by hand" in page
    assert rule.assignments.count() == 1

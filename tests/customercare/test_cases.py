"""Cases: opened from anywhere, taken, waiting, resolved, closed; and their pages."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from core.access import JOB
from core.lifecycle import Refused
from core.models import Event
from customercare.models import Case
from customercare.services import open_case
from tests.factories import CaseFactory, CompanyFactory, ContactFactory, ContractFactory, InvoiceFactory, ProjectFactory

pytestmark = pytest.mark.django_db


def text(answer) -> str:
    return answer.content.decode()


# --- Opening --------------------------------------------------------------------------------------------------------------


def test_a_case_takes_a_number_and_waits_for_somebody(cast):
    case = open_case(company=CompanyFactory(), title="  La pompa vibra ", by=cast.sales)
    assert case.number == f"TK {timezone.localdate().year}/0001" and case.title == "La pompa vibra"
    assert (case.state, case.owner, case.priority) == ("new", None, Case.Priority.NORMAL)
    assert Event.objects.about(case).get().name == "case.opened"


def test_a_case_joins_the_deal_it_is_about():
    project = ProjectFactory()
    invoice = InvoiceFactory(contract=project.contract)
    about = {
        project.contract: {"contract": project.contract},
        project: {"contract": project.contract, "project": project},
        invoice: {"contract": project.contract, "invoice": invoice},
    }
    for record, links in about.items():
        case = open_case(company=record.company, title="x", about=record, by=JOB)
        assert case.thread == record.thread
        found = {name: getattr(case, name) for name in ("contract", "project", "invoice") if getattr(case, name)}
        assert found == links


def test_what_belongs_to_another_company_is_refused():
    company = CompanyFactory()
    with pytest.raises(Refused, match="another company"):
        open_case(company=company, title="x", about=ContractFactory(), by=JOB)
    with pytest.raises(Refused, match="another company"):
        open_case(company=company, title="x", contact=ContactFactory(), by=JOB)


def test_only_those_with_the_right_open_cases(cast):
    with pytest.raises(PermissionDenied):
        open_case(company=CompanyFactory(), title="x", by=cast.hr)


# --- Verbs ----------------------------------------------------------------------------------------------------------------


def test_from_new_to_closed_and_back(cast):
    case = CaseFactory()
    case.take(by=cast.care)
    assert (case.state, case.owner) == ("open", cast.care)
    case.wait(by=cast.care, note="Chiesta una foto")
    case.reopen(by=cast.care)
    with pytest.raises(Refused, match="what solved it"):
        case.resolve(by=cast.care, solution="  ")
    case.resolve(by=cast.care, solution="Sostituito il cuscinetto\n")
    assert case.solution == "Sostituito il cuscinetto" and case.resolved_at
    case.close(by=cast.care, satisfaction=5)
    assert (case.state, case.satisfaction) == ("closed", 5) and case.closed_at
    case.reopen(by=cast.care, note="Vibra di nuovo")
    assert (case.state, case.satisfaction, case.closed_at) == ("open", None, None)
    names = [e.name.split(".")[1] for e in Event.objects.about(case)]
    assert names == ["reopened", "closed", "resolved", "reopened", "waited", "taken"]


@pytest.mark.parametrize("satisfaction", [0, 6])
def test_satisfaction_is_from_one_to_five(satisfaction):
    case = CaseFactory(state="resolved")
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(satisfaction=satisfaction)


def test_a_job_may_take_a_case_for_nobody():
    case = CaseFactory()
    case.take(by=JOB)
    assert case.owner is None and case.state == "open"


# --- Pages ----------------------------------------------------------------------------------------------------------------


def test_tabs(cast, client_of):
    mine = CaseFactory(state="open", owner=cast.care)
    waiting = CaseFactory(state="waiting", owner=cast.care)
    fresh, closed = CaseFactory(), CaseFactory(state="closed", owner=cast.care)
    client, url = client_of(cast.care), reverse("customercare:case_list")
    every = (mine, waiting, fresh, closed)
    shown = {q: {c.pk for c in every if c.number in text(client.get(f"{url}?{q}"))}
             for q in ("", "unassigned=true", "mine=1&open=true", "state=waiting")}  # fmt: skip
    assert shown == {
        "": {case.pk for case in every},
        "unassigned=true": {fresh.pk},
        "mine=1&open=true": {mine.pk, waiting.pk},
        "state=waiting": {waiting.pk},
    }
    board = text(client.get(reverse("customercare:case_board")))
    assert mine.title in board and "Waiting for the customer" in board


def test_a_case_is_typed_changed_and_worked(cast, client_of):
    contact = ContactFactory()
    contract = ContractFactory(company=contact.company, state="active")
    client, url = client_of(cast.care), reverse("customercare:case_create")
    assert client.get(url, {"company": contact.company.pk}).status_code == 200
    facts = {
        "company": contact.company.pk, "contact": contact.pk, "contract": contract.pk, "title": "La pompa vibra",
        "description": "Da ieri", "priority": "3", "channel": "phone", "project": "", "invoice": "",
    }  # fmt: skip
    other = client.post(url, facts | {"contact": ContactFactory().pk})
    assert other.status_code == 422 and "another company" in text(other) and "Da ieri" in text(other)
    answer = client.post(url, facts)
    case = Case.objects.get()
    assert answer.url == case.get_absolute_url() and case.thread == contract.thread and case.priority == 3
    assert "La pompa vibra" in text(client.get(case.get_absolute_url()))
    assert client.post(case.edit_url, facts | {"title": "La pompa fischia"}).status_code == 302
    assert client.post(case.act_url("take")).status_code == 302
    assert client.post(case.act_url("resolve"), {"solution": ""}).status_code == 422
    assert client.post(case.act_url("resolve"), {"solution": "Cuscinetto nuovo"}).status_code == 302
    assert client.post(case.act_url("close"), {"satisfaction": "9"}).status_code == 422
    assert client.post(case.act_url("close"), {"satisfaction": "4"}).status_code == 302
    case.refresh_from_db()
    assert (case.title, case.state, case.satisfaction) == ("La pompa fischia", "closed", 4)


@pytest.mark.parametrize("make", [CompanyFactory, ContractFactory, ProjectFactory, InvoiceFactory])
def test_a_case_is_opened_where_the_question_comes_up(cast, client_of, make):
    source = make()
    client = client_of(cast.admin)
    url = reverse(f"customercare:case_from_{source._meta.model_name}", args=[source.pk])
    assert url in [step.url for step in source.next_steps(cast.admin)]
    assert client.get(url).status_code == 200
    answer = client.post(url, {"title": "Domanda", "priority": "2", "channel": "phone"})
    case = Case.objects.get()
    assert answer.url == case.get_absolute_url()
    assert case.company == (source if make is CompanyFactory else source.company)


def test_as_many_queries_with_three_rows_as_with_thirty(cast, client_of, django_assert_max_num_queries):
    client, url = client_of(cast.care), reverse("customercare:case_list")
    counts = []
    for rows in (3, 27):
        for _turn in range(rows):
            CaseFactory(owner=cast.care)
        client.get(url)
        with django_assert_max_num_queries(10) as captured:
            client.get(url)
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("who", "expected"), [("care", 200), ("manager", 200), ("sales", 404), ("hr", 403), ("buyer", 403)]
)
def test_who_sees_a_case_that_somebody_has(cast, client_of, who, expected):
    case = CaseFactory(owner=cast.care, state="open")
    assert client_of(getattr(cast, who)).get(case.get_absolute_url()).status_code == expected


def test_unassigned_cases_in_bulk(cast, client_of):
    cases = [CaseFactory() for _turn in range(3)]
    answer = client_of(cast.care).post(
        reverse("customercare:case_list"), {"verb": "take", "ids": [case.pk for case in cases]}
    )
    assert answer.status_code == 302
    assert set(Case.objects.values_list("owner", "state")) == {(cast.care.pk, "open")}

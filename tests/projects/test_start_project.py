"""Contract -> project: a budget line per contract line, once, and only of a contract in force."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from core.access import JOB
from core.lifecycle import Refused
from core.models import Event
from orders.models import Contract, ContractLine
from projects.models import Entry, Project
from projects.services import start_project
from tests.factories import ContractFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract():
    return ContractFactory(state="active", starts_on=date(2026, 3, 1), ends_on=date(2027, 2, 28))


def test_the_project_starts_from_the_contract(contract, cast):
    project = start_project(contract=contract, by=cast.sales, manager=cast.pm)
    assert project.state == "planned"
    assert project.owner == cast.pm
    assert (project.name, project.company) == (contract.title, contract.company)
    assert (project.starts_on, project.ends_on) == (date(2026, 3, 1), date(2027, 2, 28))
    assert project.thread_id == contract.thread_id
    assert project.revenue == contract.net
    assert project.budget.amount == Decimal("1200.00")  # two lines of 10 x 60
    assert Event.objects.about(project).get().name == "project.drafted"


def test_each_contract_line_is_an_entry_of_the_budget(cast):
    contract = ContractFactory(state="draft", line_count=0)
    for cost, quantity in ((Decimal("1.005"), 3), (Decimal("33.3333"), Decimal("1.5"))):
        facts = {"unit_price": 100, "unit_cost": cost, "quantity": quantity, "description": f"Part at {cost}"}
        ContractLine.objects.create(contract=contract, **facts)
    contract.sign(by=JOB)
    project = start_project(contract=contract, by=cast.pm)
    entries = project.entries.filter(kind=Entry.Kind.BUDGET).order_by("pk")
    assert [e.amount for e in entries] == [Decimal("3.02"), Decimal("50.00")]
    assert {e.source for e in entries} == {contract}
    assert project.budget.amount == Decimal("53.02")


def test_whoever_runs_projects_and_opens_one_runs_it(contract, cast):
    assert start_project(contract=contract, by=cast.pm).owner == cast.pm


def test_whoever_does_not_run_projects_leaves_it_to_be_given(contract, cast):
    assert start_project(contract=contract, by=cast.sales).owner is None


@pytest.mark.parametrize("state", ["draft", "closed", "renewed", "terminated"])
def test_refused_while_the_contract_is_not_in_force(state, cast):
    with pytest.raises(Refused, match="not in force"):
        start_project(contract=ContractFactory(state=state), by=cast.pm)
    assert not Project.objects.exists()


def test_a_second_time_is_refused_with_the_way_to_the_first(contract, cast):
    project = start_project(contract=contract, by=cast.pm)
    with pytest.raises(Refused, match=project.number) as refusal:
        start_project(contract=contract, by=cast.pm)
    assert refusal.value.reasons[0].fix_url == project.get_absolute_url()


def test_a_second_project_fails_in_the_database(contract, cast):
    project = start_project(contract=contract, by=cast.pm)
    facts = {"number": "CM 2026/9999", "contract": contract, "company": contract.company, "thread": contract.thread}
    with pytest.raises(IntegrityError), transaction.atomic():
        Project.objects.create(name="Twice", **facts)
    assert Project.objects.get() == project


def test_without_the_right_nothing_happens(contract, cast):
    with pytest.raises(PermissionDenied):
        start_project(contract=contract, by=cast.care)
    assert not Project.objects.exists()


def test_other_currencies_are_refused(cast):
    contract = ContractFactory(state="draft")
    Contract.objects.filter(pk=contract.pk).update(currency="USD")
    contract.sign(by=JOB)
    with pytest.raises(Refused, match="USD"):
        start_project(contract=contract, by=cast.pm)

"""Twelve people open the project of one contract at the same moment: one does."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection

from core.access import JOB
from core.lifecycle import Refused
from projects.models import Entry, Project
from projects.services import book_expense, start_project
from tests.factories import ContractFactory, ProjectFactory

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(act, times):
    """Run `act` in threads of their own connections; the exceptions of those that failed."""

    def run(turn):
        try:
            act(turn)
        except (Refused, IntegrityError) as error:
            return error
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(times) as pool:
        return [error for error in pool.map(run, range(times)) if error]


def test_twelve_threads_open_one_project():
    contract = ContractFactory(state="active")
    failed = at_once(lambda _turn: start_project(contract=contract, by=JOB), 12)
    project = Project.objects.get()
    assert len(failed) == 11
    assert project.entries.filter(kind=Entry.Kind.BUDGET).count() == 2
    assert {type(error) for error in failed} == {Refused}


def test_nothing_slips_in_while_a_project_closes(cast):
    project = ProjectFactory(state="completed", owner=cast.pm, contract__line_count=0)

    def act(turn):
        if turn == 3:
            Project.objects.get(pk=project.pk).close(by=JOB)
        else:
            facts = {"on": project.starts_on, "description": "Cable", "amount": 10}
            book_expense(project=project, by=cast.pm, **facts)

    failed = at_once(act, 8)
    project.refresh_from_db()
    assert project.state == "closed"
    booked = project.entries.filter(kind=Entry.Kind.COST)
    assert booked.count() == project.expenses.count() == 7 - len(failed)
    assert all(entry.created_at <= project.closed_at for entry in booked)

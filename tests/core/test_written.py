"""Questions that are written once: the same answers as new ones, for each reader by the rights they have now."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from core import search
from core.models import SavedView
from core.written import Statement, written
from leads.models import Lead, Touch
from people.models import User
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def own_lead(cast):
    return LeadFactory(company_name="Torneria Brusaferri", owner=cast.sales)


def found(user):
    return [hit.pk for hit in search.find("brusaferri", User.objects.get(pk=user.pk))]


def test_a_written_expression_answers_as_a_new_one(cast):
    leads = [LeadFactory(owner=cast.sales) for _place in range(3)]
    for lead in leads[:2]:
        Touch.objects.create(lead=lead, at=lead.created_at, channel="phone")
    new = ArraySubquery(Touch.objects.filter(lead=OuterRef("pk")).order_by("pk").values("pk"))
    kept = written(Lead, new)
    for rows in (Lead.objects.all(), Lead.objects.filter(owner__username="sales").select_related("owner")):
        asked = {lead.pk: (lead.new, lead.kept) for lead in rows.annotate(new=new, kept=kept)}
        assert all(one == other for one, other in asked.values())
        assert [len(asked[lead.pk][1]) for lead in leads] == [1, 1, 0]


def test_blanks_are_filled_and_nothing_else(cast):
    LeadFactory(owner=cast.sales, first_name="Uno"), LeadFactory(owner=cast.sales2, first_name="Due")
    rows = Lead.objects.filter(owner=Statement.BLANK, state="new", language__in=("it", "en")).values_list("first_name")
    statement = Statement.of(rows)
    assert statement.rows({Statement.BLANK: cast.sales.pk}) == [("Uno",)]
    assert statement.rows({Statement.BLANK: cast.sales2.pk}) == [("Due",)]


def test_a_right_that_is_taken_away_is_gone_from_the_search_at_once(cast, own_lead):
    assert found(cast.sales) == [own_lead.pk]
    role = Group.objects.get(name="sales")
    role.permissions.remove(Permission.objects.get(codename="view_lead"))
    assert found(cast.sales) == []


def test_who_changes_the_team_sees_what_the_new_one_sees(cast, own_lead):
    colleague = User.objects.get(pk=cast.sales2.pk)
    colleague.groups.first().permissions.add(Permission.objects.get(codename="see_team_lead"))
    assert found(colleague) == []
    User.objects.filter(pk=colleague.pk).update(team=cast.sales.team)
    assert found(colleague) == [own_lead.pk]
    User.objects.filter(pk=colleague.pk).update(team=None)
    assert found(colleague) == []


def test_who_is_locked_out_has_no_right(cast):
    assert User.objects.get(pk=cast.sales.pk).has_perm("leads.view_lead")
    User.objects.filter(pk=cast.sales.pk).update(is_active=False)
    assert not User.objects.get(pk=cast.sales.pk).get_group_permissions()


def test_tabs_are_those_of_the_list_and_of_the_reader(cast):
    from django.contrib.contenttypes.models import ContentType

    def view(name, model=Lead, **facts):
        return SavedView.objects.create(name=name, model=ContentType.objects.get_for_model(model), **facts)

    view("own", owner=cast.sales)
    view("other's", owner=cast.sales2)
    view("other list", model=User, owner=cast.sales)
    begun = view("everybody's", position=5)
    begun.roles.add(Group.objects.get(name="sales"))
    view("shared", owner=cast.sales2, shared=True)
    assert [(tab.name, tab.starts) for tab in SavedView.tabs_of(Lead, cast.sales)] == [
        ("shared", False),
        ("everybody's", True),
        ("own", False),
    ]
    assert [tab.starts for tab in SavedView.tabs_of(Lead, cast.manager)] == [False, False]

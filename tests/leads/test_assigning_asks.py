"""Rules ask custom fields: choices, yes or no, words, ranges; a field that is gone is refused, and its rule fits nobody."""

import pytest
from django.contrib.contenttypes.models import ContentType

from core.models import CustomField
from leads.assigning import giving, wording
from leads.assigning.matching import active_rules
from leads.models import AssignmentRule, Lead
from tests.factories import AssignmentRuleFactory, LeadFactory
from tests.leads.test_assigning_pages import facts

pytestmark = pytest.mark.django_db


@pytest.fixture
def fields(db):
    kind = ContentType.objects.get_for_model(Lead)
    made = (
        ("sector", "choice", "Sector", ["Food", "Paper", "Steel"]),
        ("certified", "bool", "Certified", []),
        ("plants", "number", "Plants", []),
        ("erp", "text", "ERP", []),
        ("visited", "date", "Visited", []),
    )
    return {
        name: CustomField.objects.create(model=kind, name=name, kind=of, label=label, choices=choices)
        for name, of, label, choices in made
    }


def give(**custom):
    return giving.give(LeadFactory(custom=custom).pk, active_rules())


@pytest.mark.parametrize(
    ("asks", "fits", "fits_not"),
    [
        ({"sector": {"is": ["Food", "Paper"]}}, {"sector": "Paper"}, {"sector": "Steel"}),
        ({"sector": {"is": ["Food"]}}, {"sector": "Food"}, {}),
        ({"certified": {"yes": True}}, {"certified": True}, {"certified": False}),
        ({"certified": {"yes": False}}, {"certified": False}, {}),
        ({"plants": {"from": 2, "to": 5}}, {"plants": 2}, {"plants": 6}),
        ({"plants": {"from": 2.5}}, {"plants": 2.5}, {"plants": 2.4}),
        ({"plants": {"to": 5}}, {"plants": 0}, {"plants": True}),
        ({"plants": {"to": 5}}, {"plants": -3}, {}),
        ({"erp": {"is": ["SAP", "Zucchetti"]}}, {"erp": "sap"}, {"erp": "SAP or so"}),
        ({"erp": {"is": ["SAP"]}, "plants": {"from": 2}}, {"erp": "SAP", "plants": 2}, {"erp": "SAP"}),
    ],
)
def test_which_leads_fit(cast, fields, asks, fits, fits_not):
    AssignmentRuleFactory(members={cast.sales: 1}, asks=asks)
    assert give(**fits_not) is None
    assert give(**fits) is not None


def test_the_reason_names_them(cast, fields):
    AssignmentRuleFactory(members={cast.sales: 1}, name="Big", position=1, asks={"plants": {"from": 2}})
    assert wording.reason(give(plants=3).facts).startswith("Rule 1 “Big” (Plants “3”): Sales Test 1/")


def test_they_are_written_in_the_form(cast, fields, client_of):
    client = client_of(cast.manager)
    sent = facts(cast) | {"ask_sector": ["Food", "Steel"], "ask_certified": "true", "ask_plants-from": "1.5",
                          "ask_plants-to": "", "ask_erp": "SAP,  Zucchetti "}  # fmt: skip
    assert client.post("/settings/assignment/new/", sent).status_code == 302
    rule = AssignmentRule.objects.get()
    assert rule.asks == {
        "sector": {"is": ["Food", "Steel"]},
        "certified": {"yes": True},
        "plants": {"from": 1.5},
        "erp": {"is": ["SAP", "Zucchetti"]},
    }
    page = client.get(rule.get_absolute_url()).content.decode()
    for words in ("Food, Steel", "Certified", "1.5 – …", "SAP, Zucchetti"):
        assert words in page
    form = client.get(rule.edit_url).context["form"]
    assert "ask_visited" not in form.fields
    assert (form["ask_certified"].value(), form["ask_plants-from"].value()) == ("true", 1.5)
    assert "SAP, Zucchetti" in str(form["ask_erp"])
    cleared = facts(cast)
    assert client.post(rule.edit_url, cleared).status_code == 302
    rule.refresh_from_db()
    assert rule.asks == {}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ask_sector": ["Gold"]}, "ask_sector"),
        ({"ask_plants-from": "x"}, "ask_plants-from"),
        ({"ask_plants-from": "9" * 400}, "ask_plants-from"),
        ({"ask_plants-from": "6", "ask_plants-to": "5"}, "ask_plants-to"),
        ({"ask_erp": "x" * 81}, "ask_erp"),
        ({"ask_erp": "a\0b"}, "ask_erp"),
    ],
)
def test_what_is_no_condition(cast, fields, client_of, wrong, field):
    answer = client_of(cast.manager).post("/settings/assignment/new/", facts(cast) | wrong)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}


def test_a_field_that_is_gone(cast, fields, client_of):
    rule = AssignmentRuleFactory(members={cast.sales: 1}, asks={"sector": {"is": ["Food"]}, "plants": {"from": 1}})
    assert give(sector="Food", plants=1) is not None
    fields["sector"].active = False
    fields["sector"].save()
    assert give(sector="Food", plants=1) is None
    client = client_of(cast.manager)
    assert "the rule fits no lead" in client.get(rule.get_absolute_url()).content.decode()
    sent = facts(cast, name=rule.name) | {"ask_plants-from": "1"}
    answer = client.post(rule.edit_url, sent)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"drop_sector"}
    assert "No longer ask “Sector”" in answer.content.decode()
    assert client.post(rule.edit_url, sent | {"drop_sector": "on"}).status_code == 302
    rule.refresh_from_db()
    assert rule.asks == {"plants": {"from": 1}}


def test_a_field_nobody_knows_any_more(cast, client_of):
    rule = AssignmentRuleFactory(members={cast.sales: 1}, asks={"ghost": {"yes": True}})
    assert give(ghost=True) is None
    assert "ghost" in client_of(cast.manager).get(rule.get_absolute_url()).content.decode()
    assert client_of(cast.manager).get(f"{rule.get_absolute_url()}simulation/").status_code == 200

"""The score: rules that explain themselves, add up exactly, and are asked for by the database itself."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import errors

from core import outbox
from core.access import JOB
from leads import scoring, services
from leads.models import Lead, LeadScore
from leads.scoring import many, rules
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
EMPTY = {
    "company_name": "", "job_title": "", "email": "", "phone": "", "vat_number": "", "source": "", "interest": "",
    "budget": None, "need": "", "authority": "", "decision_by": None, "fit": "", "attributes": {},
    "created_at": datetime(2026, 1, 1, 12, tzinfo=UTC),
}  # fmt: skip
RICH = {
    "company_name": "Pompe Adriatiche S.r.l.",
    "job_title": "Titolare",
    "email": "anna@pompeadriatiche.example",
    "phone": "071 123456",
    "vat_number": "00743110157",
    "source": "Fiera di Milano",
    "interest": "Pompa P12",
    "budget": Decimal(25000),
    "need": "Le vecchie pompe perdono",
    "authority": "Il titolare",
    "decision_by": date(2026, 2, 1),
    "fit": "good",
    "attributes": {"visits": 9, "timeonsite": 1200, "lastactivity": "Form submitted"},
    "created_at": datetime(2026, 1, 1, 12, tzinfo=UTC),
}


def points(facts):
    return {r["key"]: r["points"] for r in scoring.judge({**EMPTY, **facts})[1]}


def test_nothing_known_is_zero():
    assert scoring.judge(EMPTY) == (0, [])


def test_everything_known_is_limited_to_a_hundred_and_says_so():
    score, reasons = scoring.judge(RICH)
    assert score == 100
    assert reasons[-1]["key"] == scoring.LIMIT
    assert sum(r["points"] for r in reasons) == 100


def test_below_zero_is_limited_too():
    score, reasons = scoring.judge({**EMPTY, "fit": "poor", "attributes": {"donotemail": "Yes"}})
    assert score == 0
    assert sum(r["points"] for r in reasons) == 0


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"email": "anna@officine.example"}, {"email": 6}),
        ({"email": "anna@gmail.com"}, {}),
        ({"job_title": "Amministratrice delegata"}, {"job_title": 10}),
        ({"job_title": "Impiegata"}, {"job_title": 3}),
        ({"budget": Decimal(100)}, {"budget": 6}),
        ({"budget": Decimal(10000)}, {"budget": 12}),
        ({"decision_by": date(2026, 3, 1)}, {"timing": 8}),
        ({"decision_by": date(2027, 3, 1)}, {"timing": 2}),
        ({"source": "Passaparola"}, {"source": 10}),
        ({"source": "Google"}, {"source": 5}),
        ({"source": "testone"}, {}),
        ({"attributes": {"totaltimespentonwebsite": "674"}}, {"time_on_site": 5}),
        ({"attributes": {"totalvisits": "abc", "lastactivity": "Select"}}, {}),
        ({"attributes": {"donotemail": "No"}}, {}),
    ],
)
def test_each_rule(facts, expected):
    assert points(facts) == expected


values = st.fixed_dictionaries(
    {
        **{name: st.sampled_from(["", RICH[name]]) for name in EMPTY if isinstance(RICH[name], str)},
        "budget": st.none() | st.decimals(min_value=0, max_value=10**9, places=2),
        "decision_by": st.none() | st.dates(),
        "fit": st.sampled_from(["", "good", "partial", "poor"]),
        "attributes": st.dictionaries(
            st.sampled_from(["visits", "timeonsite", "lastactivity", "donotemail", "x"]),
            st.text(max_size=8) | st.integers() | st.floats() | st.none() | st.booleans(),
        ),
    }
)


@given(values)
@settings(max_examples=60, deadline=None)
def test_contributions_always_add_up_to_the_score(facts):
    score, reasons = scoring.judge({**EMPTY, **facts})
    assert 0 <= score <= 100
    assert sum(reason["points"] for reason in reasons) == score


def test_labels_follow_the_reader():
    lead = LeadScore(lead=Lead(), score=5, score_reasons=[{"key": "company", "points": 5, "value": ""}]).lead
    with translation.override("it"):
        assert str(scoring.contributions(lead)[0].label) == "Azienda nota"
    with translation.override("en"):
        assert str(scoring.contributions(lead)[0].label) == "Company is known"


def test_questions_ask_for_what_brings_most():
    asked = scoring.questions(LeadScore(lead=Lead(), score=0).lead)
    assert asked[0][1] == 12
    assert [points for _what, points in asked] == sorted([points for _what, points in asked], reverse=True)


class TestInTheDatabase:
    def test_a_new_lead_is_scored_by_the_relay(self):
        lead = services.create_lead(by=JOB, company_name="Pompe Adriatiche", email="a@pompe.example")
        assert lead.score is None
        outbox.relay()
        lead.refresh_from_db()
        assert lead.score == 11
        assert sum(r["points"] for r in lead.score_reasons) == lead.score
        assert lead.scoring.scored_at is not None

    def test_an_edit_of_what_matters_asks_for_a_new_score(self):
        lead = LeadFactory()
        scoring.score_waiting()
        Lead.objects.filter(pk=lead.pk).update(city="Ancona")
        assert not LeadScore.objects.filter(scored_at=None).exists()
        Lead.objects.filter(pk=lead.pk).update(budget=5000)
        assert LeadScore.objects.filter(scored_at=None).exists()

    def test_raw_sql_cannot_forget_it(self):
        lead = LeadFactory()
        scoring.score_waiting()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE leads_lead SET need = 'pompe' WHERE id = %s", [lead.pk])
        before = Lead.objects.get(pk=lead.pk)
        assert before.scoring.scored_at is None
        assert scoring.score_waiting() == 1
        assert Lead.objects.get(pk=lead.pk).score == before.score + 8

    def test_scoring_leaves_the_version_of_the_record_alone(self):
        """Somebody who is typing must not be told that the record was changed meanwhile."""
        lead = LeadFactory()
        scoring.score_waiting()
        assert Lead.objects.get(pk=lead.pk).updated_at == lead.updated_at

    def test_many_are_scored_in_batches_with_few_queries(self, django_assert_max_num_queries):
        LeadFactory.create_batch(25)
        with django_assert_max_num_queries(30):
            assert scoring.score_waiting(batch=10) == 25
        for lead in Lead.objects.all():
            assert sum(r["points"] for r in lead.score_reasons) == lead.score

    def test_all_can_be_scored_anew(self):
        LeadFactory.create_batch(7)
        assert scoring.score_all(batch=3) == 7
        assert scoring.score_all(Lead.objects.filter(state="lost")) == 0

    def test_qualifying_scores_anew(self, cast):
        lead = LeadFactory(state="working", owner=cast.sales)
        scoring.score_waiting()
        before = Lead.objects.get(pk=lead.pk).score
        lead.qualify(by=cast.sales, need="Pompe nuove", budget=Decimal(20000), fit="good")
        outbox.relay()
        assert Lead.objects.get(pk=lead.pk).score == before + 8 + 12 + 10

    def test_what_has_not_changed_is_not_judged_again(self, django_assert_num_queries):
        LeadFactory.create_batch(3)
        assert scoring.score_all() == 3
        with django_assert_num_queries(1):
            assert scoring.score_all() == 0
        Lead.objects.filter(pk=Lead.objects.earliest("pk").pk).update(need="Pompe nuove")
        assert scoring.score_all() == 1

    def test_other_rules_judge_every_lead_again_and_tell_which_scores_changed(self):
        lead, other = LeadFactory(), LeadFactory()
        scoring.score_all()
        before = LeadScore.objects.get(lead=lead)
        LeadScore.objects.update(scored_with="of old")
        LeadScore.objects.filter(lead=other).update(score=0, score_reasons=[])
        assert scoring.score_all() == 2
        after = LeadScore.objects.get(lead=lead)
        assert (after.score_reasons, after.scored_at) == (before.score_reasons, before.scored_at)
        assert after.scored_with == scoring.edition()
        assert Lead.objects.get(pk=other.pk).score > 0
        assert LeadScore.objects.get(lead=other).scored_at > before.scored_at

    def test_many_chunks_write_what_one_would(self, monkeypatch):
        leads = LeadFactory.create_batch(9)
        monkeypatch.setattr(many, "CHUNK", 2)
        scoring.score_all(batch=5)
        for row in Lead.objects.values("scored__score", "scored__score_reasons", *rules.COLUMNS):
            expected = rules.judge(rules.facts(row))
            assert (row["scored__score"], row["scored__score_reasons"]) == expected
        assert LeadScore.objects.filter(scored_at=None).count() == 0 < len(leads)

    def test_a_score_is_no_edit(self):
        lead = LeadFactory()
        versions = Lead.pgh_event_model.objects.filter(pgh_obj=lead).count()
        scoring.score_all()
        assert Lead.pgh_event_model.objects.filter(pgh_obj=lead).count() == versions

    def test_what_the_database_refuses_leaves_the_whole_batch_unscored(self, monkeypatch):
        LeadFactory.create_batch(4)
        monkeypatch.setattr(many, "CHUNK", 2)
        monkeypatch.setattr(many, "judge", lambda facts: (101 if facts["pk"] % 2 else 50, []))
        with pytest.raises(errors.CheckViolation), transaction.atomic():
            scoring.score_all()
        assert LeadScore.objects.filter(scored_at=None).count() == 4

"""The score learnt from the house's own closed leads: versions, the guard rail, the blend with the rules, and the way back."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from core.access import JOB
from core.lifecycle import Refused
from core.models import Thread
from leads import scoring
from leads.models import Lead, LeadScore, ScoreVersion, hot_from
from leads.scoring import backtest, blending, heat, inputs, learning_job, training, versions
from leads.scoring.learning import Model, fields
from leads.scoring.learning.fields import Field
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def closed(n, *, signal=True, seed=3, **more):
    """Closed leads, one a day: those from a fair are won, if there is anything to be learnt."""
    rng, made = random.Random(seed), []
    for i in range(n):
        source = rng.choice(["Fiera", "Web", "Passaparola"])
        won = rng.random() < ({"Fiera": 0.9, "Web": 0.1, "Passaparola": 0.5}[source] if signal else 0.4)
        at = NOW - timedelta(days=n - i)
        state = "converted" if won else "lost"
        made.append(Lead(state=state, source=source, last_name=f"L{i}", created_at=at, closed_at=at, **more))
    keep(made)


def keep(leads):
    """Of one deal, for all it matters here."""
    thread = Thread.objects.create()
    for lead in (leads := list(leads)):
        lead.thread = thread
    Lead.objects.bulk_create(leads)


class TestLearning:
    def test_few_closed_leads_leave_the_rules_alone(self):
        closed(49)
        made = training.train(by=JOB)
        assert (made.verdict, made.active, made.closed) == ("too_few", False, 49)
        assert versions.blend() is None

    def test_too_few_of_one_outcome_too(self):
        keep([Lead(state="lost", last_name="x", closed_at=NOW) for _ in range(60)])
        assert training.train(by=JOB).verdict == "too_few"

    def test_noise_is_no_signal(self):
        closed(200, signal=False)
        made = training.train(by=JOB)
        assert (made.verdict, made.active) == ("no_signal", False)

    def test_what_is_there_is_learnt_and_put_to_use(self):
        closed(200)
        made = training.train(by=JOB)
        assert (made.verdict, made.active) == ("usable", True)
        assert made.auc > 0.7
        assert made.weight == pytest.approx(200 / 350)
        assert made.figures["log_loss"] < made.figures["rate_log_loss"]
        fair, web = LeadFactory(source="Fiera"), LeadFactory(source="Web")
        scoring.score_all()
        assert Lead.objects.get(pk=fair.pk).score > Lead.objects.get(pk=web.pk).score + 15

    def test_a_field_of_ones_own_takes_part_by_itself(self, own_field):
        rng = random.Random(1)
        keep(
            Lead(
                state="converted" if (big := rng.random() < 0.5) == (rng.random() < 0.85) else "lost",
                last_name=f"L{i}", custom={"plants": rng.randint(50, 90) if big else rng.randint(1, 9)},
                created_at=NOW - timedelta(days=200 - i), closed_at=NOW,
            )
            for i in range(200)
        )  # fmt: skip
        made = training.train(by=JOB, left_out=[])
        assert "custom.plants" in {f["name"] for f in made.model["fields"]}
        assert inputs.label("custom.plants") == "Plants"

    def test_values_are_those_of_the_moment_somebody_began(self, cast):
        lead = LeadFactory(source="Web", owner=cast.sales)
        lead.take(by=cast.sales)
        Lead.objects.filter(pk=lead.pk).update(source="Fiera", need="Known only now")
        lead.refresh_from_db()
        lead.lose(by=cast.sales, reason="price")
        (case,) = training.closed_cases()
        assert (case.columns["source"], case.columns["need"], case.won, case.was_new) == ("Web", "", 0, True)

    def test_what_gives_the_outcome_away_is_left_out_and_said(self):
        closed(200, signal=False)
        Lead.objects.filter(state="converted").update(need="Pumps")
        versions_of = Lead.pgh_event_model.objects
        assert versions_of.filter(need="Pumps").exists()
        with_need = [case.columns["need"] for case in training.closed_cases()]
        assert set(with_need) == {""}  # written down afterwards: history knows better
        Lead.objects.all().delete()
        closed(100, signal=False, need="")
        keep([Lead(state="converted", need="Pumps", last_name="x", created_at=NOW, closed_at=NOW) for _ in range(100)])
        made = training.train(by=JOB)
        assert "need" in made.left_out
        assert {leak["name"]: leak["kind"] for leak in made.report["leaks"]}["need"] == "presence"

    def test_there_are_no_days_in_it(self):
        assert not [name for name in inputs.KINDS if name.endswith("_at") or name == "decision_by"]

    def test_the_level_follows_the_latest(self):
        assert training.shift([0.0] * 1000, [1] * 900 + [0] * 100) > 1
        assert training.shift([0.0] * 10, [1] * 9 + [0]) < 0.5
        assert training.shift([0.0] * 100, [1, 0] * 50) == pytest.approx(0, abs=1e-3)


class TestTelling:
    def blend(self, weight=0.5, worth=0.05):
        source = Field("source", fields.CHOICE, levels={"fiera": 2}, weights=[-0.5, -0.2, 1.4])
        phone = Field("phone", fields.FILLED, weights=[-1.0, 0.3])
        return blending.Blend(1, "1", 150, Model(-0.8, [source, phone]), weight, -1.5, worth)

    @pytest.mark.parametrize(
        "lead", [{}, {"source": "Fiera", "phone": "1"}, {"source": ["odd"]}, {"source": "Web", "phone": ""}]
    )
    @pytest.mark.parametrize("points", [[], [8, 12], [100], [3] * 20])
    def test_contributions_add_up_to_the_score(self, lead, points):
        rules = [{"key": f"r{i}", "points": p, "value": ""} for i, p in enumerate(points)]
        for weight in (0.0, 0.3, 1.0):
            score, reasons = self.blend(weight).judge(lead, rules)
            assert 0 <= score <= 100
            assert sum(reason["points"] for reason in reasons) == score
            assert all(reason["points"] for reason in reasons[1:])

    def test_the_score_is_the_chance_in_percent(self):
        score, _reasons = self.blend(weight=1.0).judge({"source": "fiera", "phone": "1"}, [])
        assert score == round(100 / (1 + 2.718281828 ** -(-0.8 + 1.4 + 0.3)))

    def test_more_points_than_any_closed_lead_had_are_worth_no_more(self):
        blend = self.blend()
        blend.rules_most = 30
        told = [blend.judge({}, [{"key": "r", "points": p, "value": ""}])[0] for p in (20, 30, 80)]
        assert told[0] < told[1] == told[2]

    def test_what_speaks_against_takes_points(self):
        _score, reasons = self.blend(weight=1.0).judge({"source": "web"}, [])
        assert {r["key"]: r["points"] < 0 for r in reasons[1:]} == {"learnt:source": True, "learnt:phone": True}

    def test_in_the_readers_words(self):
        lead = LeadScore(
            lead=Lead(),
            score_reasons=[
                {"key": "start", "points": 30, "value": ""},
                {"key": "learnt:source", "points": 9, "value": "Fiera"},
            ],
        ).lead
        with translation.override("it"):
            first, second = scoring.contributions(lead)
        assert (str(second.label), second.value, second.signed, second.learnt) == ("Provenienza", "Fiera", "+9", True)
        assert not first.learnt

    def test_of_an_address_only_the_domain_is_shown(self):
        email = Field("email", fields.DOMAIN, weights=[-2.0, 1.0])
        blend = blending.Blend(1, "1", 150, Model(0.0, [email]), 1.0, 0.0, 0.0)
        assert blend.judge({"email": "anna@pompe.example"}, [])[1][1]["value"] == "pompe.example"

    def test_every_lead_is_scored_anew_by_another_version(self, django_assert_max_num_queries):
        closed(120)
        LeadFactory.create_batch(3)
        scoring.score_all()
        before = scoring.edition()
        made = learning_job.run()
        assert made.active
        assert scoring.edition() != before
        for lead in Lead.objects.all():
            assert lead.scoring.scored_with == scoring.edition()
            assert sum(r["points"] for r in lead.score_reasons) == lead.score


class TestVersions:
    @pytest.fixture
    def two(self):
        return [
            ScoreVersion.objects.create(
                number=n, verdict="usable", closed=200, won=80, active=n == 2,
                model=Model(0.0, []).to_json() | {"rules": {"at": 0.0, "worth": 0.0, "most": 100.0}},
            )
            for n in (1, 2)
        ]  # fmt: skip

    def test_one_click_back_which_learning_does_not_undo(self, two, cast):
        versions.use(two[0], by=cast.manager)
        assert versions.blend().version == 1
        closed(120)
        made = training.train(by=JOB)
        assert (made.number, made.verdict, made.active) == (3, "usable", False)
        assert versions.standing().active.number == 1
        versions.let_go(versions.standing().active, by=cast.manager)
        assert training.train(by=JOB).active

    def test_rules_alone(self, two, cast):
        versions.rules_only(by=cast.manager)
        assert versions.blend() is None

    def test_what_says_nothing_is_not_put_to_use(self, two, cast):
        none = ScoreVersion.objects.create(number=3, verdict="no_signal", closed=200, won=80)
        with pytest.raises(Refused):
            versions.use(none, by=cast.manager)
        assert versions.blend().version == 2


def test_the_back_test_tells_each_part_from_those_before_it(monkeypatch):
    asked = []

    def told(known, outcomes, rows, out):
        asked.append((len(known), len(rows)))
        return [0.5] * len(rows)

    monkeypatch.setattr(backtest, "_told", told)
    found = backtest.run([{}] * 100, [0, 1] * 50, [NOW] * 100, [])
    assert asked == [(20, 20), (40, 20), (60, 20), (80, 20)]
    assert not found.says_more
    assert found.report()["figures"]["tested"] == 80


@pytest.fixture
def own_field():
    from django.contrib.contenttypes.models import ContentType

    from core.models import CustomField

    model = ContentType.objects.get_for_model(Lead)
    return CustomField.objects.create(model=model, name="plants", label="Plants", kind="number")


class TestPages:
    URL = "/leads/score/"

    def test_before_anything_was_learnt(self, cast, client_of):
        page = client_of(cast.manager).get(self.URL)
        assert b"50 closed leads" in page.content

    def test_the_back_test_of_a_version(self, cast, client_of):
        closed(200)
        made = training.train(by=JOB)
        page = client_of(cast.manager).get(self.URL).content.decode()
        for expected in (f"Version {made.number}", "Calibration", "Lift", "AUC over time", "Put to use", "Rules only"):
            assert (expected in page) == (expected != "Put to use")
        assert client_of(cast.manager).get(self.URL, {"version": "99999999999999999999"}).status_code == 200

    def test_back_by_one_click(self, cast, client_of, monkeypatch):
        kicked = []
        monkeypatch.setattr("core.outbox.kick", lambda task, **more: kicked.append(task))
        rules = {"rules": {"at": 0.0, "worth": 0.0, "most": 100.0}}
        old, new, none = (
            ScoreVersion.objects.create(
                number=n, verdict=v, closed=99, won=40, active=n == 2, model=Model(0.0, []).to_json() | rules
            )
            for n, v in ((1, "usable"), (2, "usable"), (3, "no_signal"))
        )
        manager = client_of(cast.manager)
        assert manager.post(f"{self.URL}{old.pk}/use/").status_code == 302
        assert versions.standing().active == old
        assert kicked == ["leads.score_all"]
        assert manager.post(f"{self.URL}{none.pk}/use/").status_code == 409
        assert manager.post(f"{self.URL}{old.pk}/rules/").status_code == 302
        assert versions.standing().active is None

    def test_learning_is_asked_of_a_worker(self, cast, client_of, monkeypatch):
        kicked = []
        monkeypatch.setattr("core.outbox.kick", lambda task, **more: kicked.append((task, more)))
        client_of(cast.manager).post(f"{self.URL}learn/", {"fields": "1", "left_out": ["need", "budget"]})
        assert kicked == [("leads.learn_score", {"by": cast.manager.pk, "left_out": ["need", "budget"]})]

    def test_not_for_everybody(self, cast, client_of):
        assert client_of(cast.sales).get(self.URL).status_code == 403
        assert client_of(cast.sales).post(f"{self.URL}learn/").status_code == 403
        assert client_of(cast.sales).post(f"{self.URL}1/use/").status_code == 403
        assert client_of(cast.manager).post(f"{self.URL}999/use/").status_code == 404

    def test_the_page_of_a_lead_says_what_its_score_is(self, cast, client_of):
        lead = LeadFactory(owner=cast.manager, source="Fiera")
        scoring.score_all()
        assert "By the rules alone." in client_of(cast.manager).get(f"/leads/{lead.pk}/").content.decode()
        closed(200)
        learning_job.run()
        page = client_of(cast.manager).get(f"/leads/{lead.pk}/")
        assert "learnt from 200 closed leads" in page.content.decode()
        assert sum(part.points for part in page.context["contributions"]) == Lead.objects.get(pk=lead.pk).score


class TestHot:
    """Which leads are hot: 60 by the rules, the best fifth of the open ones once the score is learnt."""

    @pytest.mark.parametrize(
        ("scores", "expected"),
        [
            ([], None),
            (range(1, 101), 81),
            ([0] * 50, 1),
            ([40] * 30 + [10] * 70, 40),
            ([90] * 10 + [50] * 15 + [10] * 75, 90),
            ([90] * 10 + [50] * 10 + [10] * 80, 50),
            ([70], 70),
            ([0, 0, 0, 100], 100),
        ],
    )
    def test_the_best_fifth(self, scores, expected):
        assert heat.best_fifth(scores) == expected

    def test_by_the_rules_alone_it_is_sixty(self):
        LeadFactory(score=59)
        hot = LeadFactory(score=60)
        assert hot_from() == 60
        assert list(Lead.objects.hot()) == [hot]
        assert hot.is_hot

    def test_learnt_it_is_the_best_fifth_of_the_open_leads(self, cast, client_of, django_assert_num_queries):
        closed(200)
        for number in range(20):
            LeadFactory(source="Fiera" if number < 4 else "Web", owner=cast.sales)
        learning_job.run()
        made = ScoreVersion.objects.get(active=True)
        fairs = Lead.objects.open().filter(source="Fiera")
        assert 1 <= made.hot_from == min(lead.score for lead in fairs) != 60
        assert hot_from() == made.hot_from
        assert set(Lead.objects.hot()) == set(fairs)
        with django_assert_num_queries(0):
            hot_from()  # remembered with the version
        sales = client_of(cast.sales)
        assert sales.get("/leads/?hot=true").context["count"] == "4"
        assert sales.get("/leads/?hot=false&open=true").context["count"] == "16"
        columns = [sales.get(f"/leads/board/?panel=cards&column={state}").text for state in Lead.OPEN_STATES]
        assert "".join(columns).count("orange") == 4
        assert "Hot" in sales.get(fairs[0].get_absolute_url()).text
        told = client_of(cast.manager).get("/leads/score/").text
        assert f"Hot from {made.hot_from}: the best fifth of the open leads" in " ".join(told.split())

    def test_going_back_to_the_rules_goes_back_to_sixty(self, cast, client_of):
        ScoreVersion.objects.create(
            number=1, verdict="usable", closed=200, won=80, active=True, hot_from=34,
            model=Model(0.0, []).to_json() | {"rules": {"at": 0.0, "worth": 0.0, "most": 100.0}},
        )  # fmt: skip
        LeadFactory(score=34)
        assert (hot_from(), Lead.objects.hot().count()) == (34, 1)
        versions.rules_only(by=JOB)
        assert (hot_from(), Lead.objects.hot().count()) == (60, 0)
        assert "Hot from 60." in client_of(cast.manager).get("/leads/score/").text

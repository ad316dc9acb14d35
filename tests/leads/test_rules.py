"""Rules of the score as rows: versions, conditions, half-lives, and the pages of the editor."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone, translation

from activities.models import Activity
from core import outbox
from core.lifecycle import Refused
from core.models import CustomField
from leads import scoring, touches
from leads.models import Lead, LeadScore, RuleSet, ScoreRule
from leads.scoring import fading, looking, many, rules, ruling
from leads.scoring.rules import Ruling
from tests.factories import CampaignMemberFactory, LeadFactory

pytestmark = pytest.mark.django_db
URL = "/settings/scoring/"
FACTS = dict.fromkeys(Lead.objects.values(*rules.COLUMNS).query.values_select, "") | {
    "attributes": {}, "custom": {}, "budget": None, "decision_by": None, "created_at": datetime(2026, 1, 1, 12, tzinfo=UTC),
}  # fmt: skip


@pytest.fixture
def kicked(monkeypatch):
    found = []
    monkeypatch.setattr("core.outbox.kick", lambda task, **more: found.append(task))
    return found


@pytest.fixture
def draft(cast):
    return ruling.begin(by=cast.marketing)


@pytest.fixture
def plants():
    kind = ContentType.objects.get_for_model(Lead)
    return CustomField.objects.create(model=kind, name="plants", label="Plants", kind="number")


def rule(ruleset, field, condition="filled", **more):
    more = {"points": 5, "key": f"r{ScoreRule.objects.count()}", "label": field} | more
    return ScoreRule.objects.create(ruleset=ruleset, field=field, condition=condition, **more)


def points(ruleset, key, today=None, happened=None, **facts):
    known = rules.facts({**FACTS, **facts}, today=today, happened=happened)
    return {r["key"]: r["points"] for r in Ruling.of(ruleset).judge(known)[1]}.get(key, 0)


def test_a_house_begins_with_the_first_rules():
    used = ruling.in_use()
    assert (used.number, used.rules.count()) == (1, 16)
    assert rules.current().lost == ()


class TestVersions:
    def test_a_draft_is_a_copy_and_there_is_one(self, cast, draft):
        assert draft.number == 2
        assert ruling.begin(by=cast.manager) == draft
        assert draft.rules.count() == 16
        with pytest.raises(IntegrityError), transaction.atomic():
            RuleSet.objects.create(number=3)

    def test_put_in_use_and_back_by_one_click(self, cast, draft, kicked, django_capture_on_commit_callbacks):
        old = ruling.in_use()
        lead = LeadFactory(need="Pompe")
        scoring.score_all()
        before = Lead.objects.get(pk=lead.pk).score
        draft.rules.filter(key="need").update(points=18)
        with django_capture_on_commit_callbacks(execute=True):
            ruling.put_in_use(draft, by=cast.marketing)
        assert kicked == ["leads.score_all"]
        assert (ruling.in_use(), ruling.in_use().by) == (draft, cast.marketing)
        assert scoring.score_all() == Lead.objects.count()
        assert Lead.objects.get(pk=lead.pk).score == before + 10
        ruling.put_in_use(old, by=cast.manager)
        scoring.score_all()
        assert Lead.objects.get(pk=lead.pk).score == before

    def test_what_was_in_use_stays_as_it_was(self, cast, draft):
        for act in (
            lambda: ScoreRule.objects.filter(ruleset__number=1).update(points=1),
            lambda: RuleSet.objects.filter(number=1).update(fit_most=3),
            lambda: RuleSet.objects.filter(number=1).delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                act()
        with pytest.raises(Refused):
            ruling.discard(ruling.in_use(), by=cast.manager)

    def test_one_in_use(self, draft):
        with pytest.raises(IntegrityError), transaction.atomic():
            RuleSet.objects.filter(pk=draft.pk).update(state="in_use")

    def test_without_a_rule_it_is_not_put_in_use(self, cast, draft):
        draft.rules.all().delete()
        with pytest.raises(Refused):
            ruling.put_in_use(draft, by=cast.manager)

    def test_a_draft_thrown_away_leaves_no_way_back(self, cast, draft):
        ruling.discard(draft, by=cast.manager)
        with pytest.raises(Refused):
            ruling.put_in_use(draft, by=cast.manager)
        assert rules.current().stamp == str(ruling.in_use().pk)

    def test_what_a_rule_was_called_is_known_after_it_is_gone(self, cast, draft, kicked):
        rule(draft, "phone", key="own_phone", label="Reachable")
        ruling.put_in_use(draft, by=cast.manager)
        ruling.put_in_use(RuleSet.objects.get(number=1), by=cast.manager)
        assert rules.label("own_phone") == "Reachable"
        with translation.override("it"):
            assert str(rules.label("company")) == "Azienda nota"


class TestConditions:
    @pytest.mark.parametrize(
        ("field", "condition", "grades", "value", "expected"),
        [
            ("source", "one_of", [["Fiera, Evento", 7], ["web", 2]], " fiera ", 7),
            ("source", "one_of", [["Fiera", 7]], "Fiera di Milano", 0),
            ("job_title", "words", [["amministra*, ceo", 9], ["*", 2]], "Amministratrice", 9),
            ("job_title", "words", [["amministra*, ceo", 9], ["*", 2]], "Viceo", 2),
            ("job_title", "words", [["ceo", 9], ["*", 2]], "", 0),
            ("interest", "words", [["*pump*", -3]], "two (pumps)", -3),
            ("interest", "words", [["c++ (x", 4]], "C++ (x y", 4),
            ("budget", "number", [["1000", 4], ["5000", 8]], Decimal(5000), 8),
            ("budget", "number", [["1000", 4], ["5000", 8]], Decimal("999.99"), 0),
            ("budget", "number", [["0", 4]], None, 0),
            ("fit", "one_of", [["poor", -10]], "poor", -10),
        ],
    )
    def test_with_values(self, draft, field, condition, grades, value, expected):
        made = rule(draft, field, condition, grades=grades, points=None)
        # Without a limit at 0 in the way: each contribution is told.
        assert points(draft, made.key, **{field: value}) == expected

    @pytest.mark.parametrize(
        ("field", "condition", "value", "expected"),
        [
            ("need", "filled", "Pompe", 5), ("need", "filled", "", 0), ("need", "empty", "", 5), ("need", "empty", "x", 0),
            ("email", "company", "a@pompe.example", 5), ("email", "company", "a@gmail.com", 0), ("email", "company", "", 0),
        ],
    )  # fmt: skip
    def test_without_values(self, draft, field, condition, value, expected):
        made = rule(draft, field, condition)
        assert points(draft, made.key, **{field: value}) == expected

    def test_a_field_of_the_house_and_what_came_along(self, draft, plants):
        own = rule(draft, "custom.plants", "number", grades=[["3", 6]], points=None)
        along = rule(draft, "further.colour", "one_of", grades=[["red", 2]], points=None)
        assert points(draft, own.key, custom={"plants": 3}) == 6
        assert points(draft, own.key, custom={"plants": "rubbish"}) == 0
        assert points(draft, along.key, attributes={"Col-our": "Red"}) == 2
        assert points(draft, along.key, attributes={"colour": ["red"]}) == 0

    def test_a_field_that_is_gone_gives_nothing_and_asks_for_new_scores(self, cast, draft, plants, kicked):
        made = rule(draft, "custom.plants")
        ruling.put_in_use(draft, by=cast.manager)
        before = scoring.edition()
        lead = LeadFactory(custom={"plants": 3})
        scoring.score_all()
        assert made.key in [r["key"] for r in Lead.objects.get(pk=lead.pk).score_reasons]
        plants.delete()
        assert scoring.edition() != before
        assert rules.current().lost == (made,)
        assert scoring.score_all() == 1
        assert made.key not in [r["key"] for r in Lead.objects.get(pk=lead.pk).score_reasons]

    def test_a_part_has_a_most_and_says_so(self, draft):
        draft.rules.all().delete()
        draft.fit_most = 6
        draft.save()
        for name in ("company_name", "phone"):
            rule(draft, name)
        score, reasons = Ruling.of(draft).judge(rules.facts({**FACTS, "company_name": "x", "phone": "1"}))
        assert score == 6
        assert reasons[-1] == {"key": "limit:fit", "points": -4, "value": ""}
        assert sum(r["points"] for r in reasons) == 6

    def test_every_thing_to_look_at_can_be_read_of_a_bare_lead(self, draft, plants):
        facts = rules.facts(FACTS)
        for sight in looking.sights().values():
            assert sight.read(facts) in (None, "", False), sight.name
            assert sight.shown("") == "", sight.name
            assert sight.day(facts) == date(2026, 1, 1)


class TestFading:
    def test_half_after_the_half_life(self, draft):
        made = rule(draft, "source", part="engagement", points=10, half_life=30)
        told = [
            points(draft, made.key, source="Fiera", today=date(2026, 1, 1) + timedelta(n)) for n in (0, 15, 30, 60, 300)
        ]
        assert told == [10, 7, 5, 2, 0]

    def test_from_the_day_it_happened(self, draft):
        made = rule(draft, "opens", "number", part="engagement", grades=[["1", 8]], points=None, half_life=10)
        happened = {"opens": (2, date(2026, 5, 1))}
        assert points(draft, made.key, happened=happened, today=date(2026, 5, 1)) == 8
        assert points(draft, made.key, happened=happened, today=date(2026, 5, 11)) == 4
        assert points(draft, made.key, happened=happened, today=date(2026, 4, 1)) == 8

    def test_each_day_only_those_are_scored_anew_whose_points_have_changed(self, cast, draft, kicked):
        made = rule(draft, "source", part="engagement", points=10, half_life=30)
        ruling.put_in_use(draft, by=cast.manager)
        today = timezone.localdate()
        young, plain = LeadFactory(source="testone"), LeadFactory(source="")
        closed = LeadFactory(source="testone", state="lost")
        scoring.score_all()
        assert fading.let_fade(today) == 0
        # From 10 to 9 points in five days; nothing else changes.
        assert fading.let_fade(today + timedelta(1)) == 0
        before = dict(LeadScore.objects.values_list("pk", "scored_at"))
        assert fading.let_fade(today + timedelta(5)) == 1
        after = dict(LeadScore.objects.values_list("pk", "scored_at"))
        assert {pk for pk in after if after[pk] != before[pk]} == {young.pk}
        assert {plain.pk, closed.pk} < set(after)
        assert made.key in [r["key"] for r in Lead.objects.get(pk=young.pk).score_reasons]

    def test_what_happens_asks_for_a_new_score_at_once(self, cast, draft, kicked, django_capture_on_commit_callbacks):
        rule(draft, "page_visits", "number", part="engagement", grades=[["1", 9]], points=None)
        rule(draft, "came", "number", part="engagement", grades=[["1", 7]], points=None)
        lead = LeadFactory()
        scoring.score_all()
        before = Lead.objects.get(pk=lead.pk).score
        record = partial(touches.record, lead, at=timezone.now(), channel="page")
        record()
        assert not LeadScore.objects.filter(scored_at=None).exists()
        ruling.put_in_use(draft, by=cast.manager)
        scoring.score_all()
        assert Lead.objects.get(pk=lead.pk).score == before + 9
        with django_capture_on_commit_callbacks(execute=True):
            record()
        assert "leads.score_waiting" in kicked
        assert scoring.score_waiting() == 1
        CampaignMemberFactory(lead=lead).attend(by=cast.manager)
        outbox.relay()
        assert scoring.score_waiting() == 1
        assert Lead.objects.get(pk=lead.pk).score == before + 16

    def test_what_happened_after_the_score_is_found_within_a_day(self, cast, draft, kicked):
        made = rule(draft, "done", "number", part="engagement", grades=[["1", 9]], points=None)
        ruling.put_in_use(draft, by=cast.manager)
        lead = LeadFactory()
        scoring.score_all()
        LeadScore.objects.update(scored_at=timezone.now() - timedelta(days=2))
        assert fading.let_fade() == 0
        Activity.objects.create(subject=lead, summary="Call", owner=cast.sales, done_at=timezone.now())
        assert fading.let_fade() == 1
        assert {r["key"]: r["points"] for r in Lead.objects.get(pk=lead.pk).score_reasons}[made.key] == 9
        assert fading.let_fade() == 0

    def test_who_they_are_does_not_fade(self, draft):
        with pytest.raises(IntegrityError), transaction.atomic():
            rule(draft, "phone", part="fit", half_life=30)


class TestPages:
    NEW = {"part": "fit", "field": "phone", "condition": "filled", "points": "7"}

    def form(self, draft, client, **typed):
        return client.post(f"{URL}{draft.pk}/rules/new/", self.NEW | typed)

    def test_sales_see_and_do_not_change(self, cast, client_of, draft):
        sales = client_of(cast.sales)
        page = sales.get(URL).content.decode()
        assert "Company is known" in page
        assert "Change the rules" not in page
        assert sales.get(f"{URL}{draft.pk}/").status_code == 200
        assert sales.post(URL).status_code == 403
        first = draft.rules.first()
        for path in ("use/", "discard/", "rules/new/", f"rules/{first.pk}/", f"rules/{first.pk}/move/", "limits/"):
            assert sales.post(f"{URL}{draft.pk}/{path}").status_code == 403
        assert client_of(cast.buyer).get(URL).status_code == 403
        assert client_of(cast.manager).get(f"{URL}999/").status_code == 404

    def test_a_draft_from_the_first_click_to_the_last(self, cast, client_of, kicked):
        marketing = client_of(cast.marketing)
        assert marketing.post(URL).status_code == 302
        draft = ruling.draft()
        assert self.form(draft, marketing, label="Reachable", ask="a number").status_code == 302
        made = draft.rules.get(key="reachable")
        assert (made.points, made.position, made.grades) == (7, 17, [])
        marketing.post(f"{URL}{draft.pk}/rules/{made.pk}/move/", {"up": "1"})
        assert [r.key for r in draft.rules.filter(part="fit")][-2:] == ["reachable", "fit"]
        marketing.post(f"{URL}{draft.pk}/rules/{made.pk}/", self.NEW | {"points": "-4", "label": "Reachable"})
        made.refresh_from_db()
        assert (made.points, made.key) == (-4, "reachable")
        assert marketing.post(f"{URL}{draft.pk}/limits/", {"fit_most": "30"}).status_code == 302
        need = draft.rules.get(key="need")
        assert marketing.post(f"{URL}{draft.pk}/rules/{need.pk}/remove/").status_code == 302
        assert marketing.post(f"{URL}{draft.pk}/use/").status_code == 302
        assert ruling.in_use() == draft
        assert ruling.in_use().fit_most == 30
        assert marketing.post(f"{URL}{draft.pk}/rules/new/", self.NEW).status_code == 409
        assert marketing.post(f"{URL}{draft.pk}/rules/{made.pk}/remove/").status_code == 409
        assert marketing.post(f"{URL}{draft.pk}/use/").status_code == 409
        assert "Versions" in marketing.get(URL).content.decode()

    @pytest.mark.parametrize(
        ("typed", "field"),
        [
            ({"points": ""}, "points"),
            ({"points": "0"}, "points"),
            ({"points": "101"}, "points"),
            ({"part": "engagement", "half_life": "-3"}, "half_life"),
            ({"part": "engagement", "half_life": "0"}, "half_life"),
            ({"half_life": "30"}, "half_life"),
            ({"condition": "number"}, "condition"),
            ({"condition": "words"}, "value_1"),
            ({"condition": "words", "value_1": "x"}, "points_1"),
            ({"condition": "words", "value_2": " , ", "points_2": "3"}, "value_2"),
            ({"value_1": "x"}, "value_1"),
            ({"field": "budget", "condition": "number", "value_1": "much", "points_1": "3"}, "value_1"),
            ({"field": "budget", "condition": "number", "value_1": "NaN", "points_1": "3"}, "value_1"),
            ({"field": "fit", "condition": "one_of", "value_1": "superb", "points_1": "3"}, "value_1"),
            ({"field": "custom.gone"}, "field"),
            ({"field": ""}, "field"),
            ({"field": "state"}, "field"),
        ],
    )
    def test_what_makes_no_sense_is_told_beside_the_field(self, cast, client_of, draft, typed, field):
        answer = self.form(draft, client_of(cast.manager), **typed)
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
        assert draft.rules.count() == 16

    def test_values_in_the_readers_language(self, cast, client_of, draft):
        cast.manager.language = "it"
        cast.manager.save()
        manager = client_of(cast.manager)
        typed = {"field": "budget", "condition": "number", "value_1": "2.000,50", "points_1": "3", "points": ""}
        assert self.form(draft, manager, **typed, label="Soldi").status_code == 302
        made = draft.rules.get(key="soldi")
        assert made.grades in ([["2000.50", 3]], [["2000.5", 3]])
        page = manager.get(f"{URL}{draft.pk}/rules/{made.pk}/").content.decode()
        assert "2.000,5" in page
        typed = {
            "field": "fit",
            "condition": "one_of",
            "value_1": "scarsa: non fa per noi",
            "points_1": "-9",
            "points": "",
        }
        assert self.form(draft, manager, **typed, label="Bad").status_code == 302
        assert draft.rules.get(key="bad").grades == [["poor", -9]]

    def test_the_page_says_which_rule_gives_nothing(self, cast, client_of, draft, plants):
        made = rule(draft, "custom.plants")
        plants.delete()
        manager = client_of(cast.manager)
        assert "There is no such field any more" in manager.get(f"{URL}{draft.pk}/").content.decode()
        assert manager.get(f"{URL}{draft.pk}/rules/{made.pk}/").status_code == 200
        answer = manager.post(f"{URL}{draft.pk}/rules/{made.pk}/", {**self.NEW, "field": "custom.plants"})
        assert list(answer.context["form"].errors) == ["field"]

    def test_the_preview_counts_names_and_writes_nothing(self, cast, client_of, draft):
        up = LeadFactory(owner=cast.manager, need="Pompe", company_name="Alta")
        down = LeadFactory(owner=cast.manager, vat_number="00743110157", company_name="Bassa")
        LeadFactory(state="lost", need="Pompe")
        scoring.score_all()
        kept = dict(LeadScore.objects.values_list("pk", "score"))
        draft.rules.filter(key="need").update(points=80)
        draft.rules.filter(key="vat_number").update(points=-4)
        page = client_of(cast.manager).get(f"{URL}{draft.pk}/preview/?panel=result")
        found = page.context["found"]
        assert (found.seen, found.changed) == (2, 2)
        assert [c.lead for c in found.up] == [up.pk]
        assert [c.lead for c in found.down] == [down.pk]
        assert ("Need is described", 8, 80) in [(str(a), b, c) for a, b, c in found.up[0].reasons]
        assert (found.hot_before, found.hot_after) == (0, 1)
        assert sum(found.before.values()) == sum(found.after.values()) == 2
        assert dict(LeadScore.objects.values_list("pk", "score")) == kept

    def test_the_preview_shows_nobody_a_lead_they_may_not_see(self, cast, client_of, draft):
        LeadFactory(owner=cast.manager, need="Pompe")
        draft.rules.filter(key="need").update(points=80)
        assert client_of(cast.sales).get(f"{URL}{draft.pk}/preview/?panel=result").context["found"].seen == 0

    def test_progress_while_leads_wait(self, cast, client_of):
        LeadFactory.create_batch(2)
        manager = client_of(cast.manager)
        assert "2 leads left" in manager.get(f"{URL}progress/").content.decode()
        scoring.score_all()
        assert "Every lead is scored" in manager.get(f"{URL}progress/").content.decode()

    def test_whatever_other_rules_have_scored_waits(self):
        before, after, asked, done = LeadFactory.create_batch(4)
        scoring.score_all()
        assert many.waiting() == (0, 0)
        LeadScore.objects.filter(pk=before.pk).update(scored_with="0")
        LeadScore.objects.filter(pk=after.pk).update(scored_with="zz")
        LeadScore.objects.filter(pk=asked.pk).update(scored_at=None)
        assert many.waiting() == (3, 4)
        assert scoring.score_all() == 3
        assert done.scored.scored_with == LeadScore.objects.get(pk=asked.pk).scored_with


def test_what_has_happened_counts_and_is_looked_up_only_where_a_rule_asks(draft, cast, kicked):
    lead = LeadFactory()
    lead.touches.create(channel="form", at=timezone.now())
    assert rules.current().happens == frozenset()
    made = rule(draft, "submissions", "number", part="engagement", grades=[["1", 9]], points=None, half_life=30)
    ruling.put_in_use(draft, by=cast.manager)
    scoring.score_all()
    reasons = {r["key"]: r["points"] for r in Lead.objects.get(pk=lead.pk).score_reasons}
    assert reasons[made.key] == 9

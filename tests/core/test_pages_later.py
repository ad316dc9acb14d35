"""Pages whose answer goes through everything: they come without it, and fetch it; without JavaScript a link leads to it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import RetentionRule
from leads import scoring
from leads.models import Segment
from leads.scoring import ruling
from tests.factories import AssignmentRuleFactory, CampaignFactory, LeadFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(cast):
    """(address, part, what only the part says)."""
    rule = AssignmentRuleFactory(members={cast.sales: 1})
    draft, fair = ruling.begin(by=cast.manager), CampaignFactory()
    segment = Segment.objects.create(name="Milano", kind="lead", query="city=Milano", owner=cast.manager)
    LeadFactory(owner=cast.manager, city="Milano", created_at=timezone.now() - timedelta(days=2))
    RetentionRule.objects.create(kind="lost_leads", months=1)
    scoring.score_all()
    return [
        (f"{rule.get_absolute_url()}simulation/?days=7", "result", "Would have been given"),
        (f"/settings/scoring/{draft.pk}/preview/", "result", "Scores that change"),
        (f"/insights/campaigns/{fair.pk}/", "result", "Leads it has touched"),
        (segment.get_absolute_url(), "audience", "<span>People</span>"),
    ]


def test_they_come_at_once_and_fetch_the_part(cast, client_of, pages):
    client = client_of(cast.manager)
    for url, part, words in pages:
        page = client.get(url).text
        assert "<h1>" in page and "Being counted" in page and words not in page, url
        assert f'hx-get="{url}"' in page and f'id="{part}"' in page, url
        fetched = client.get(url, headers={"HX-Request": "true", "HX-Target": part}).text
        assert words in fetched and "<h1>" not in fetched and "Being counted" not in fetched, url


def test_without_javascript_a_link_leads_to_all_of_it(cast, client_of, pages):
    client = client_of(cast.manager)
    for url, part, words in pages:
        whole = f"{url}{'&' if '?' in url else '?'}panel={part}"
        assert f'<noscript><a href="?{whole.partition("?")[2]}">'.replace("&", "&amp;") in client.get(url).text
        page = client.get(whole).text
        assert "<h1>" in page and words in page and "Being counted" not in page and 'hx-trigger="load"' not in page, url


def test_a_part_is_refused_to_whom_the_page_is(cast, client_of, pages):
    for url, part, _words in pages:
        assert client_of(cast.hr).get(url, headers={"HX-Request": "true", "HX-Target": part}).status_code == 403


def test_retention_counts_after_its_rules_are_shown(cast, client_of):
    LeadFactory(state="lost")
    client = client_of(cast.admin)
    url = "/privacy/retention/"
    counts = [row["over"] for row in client.get(url).context["rows"]]
    assert set(counts) == {"…"}
    fetched = client.get(url, headers={"HX-Request": "true", "HX-Target": "rules"}).text
    assert "Lost leads" in fetched and "<h1>" not in fetched and "…" not in fetched
    assert [row["over"] for row in client.get(f"{url}?panel=rules").context["rows"]] == ["0"] * len(counts)

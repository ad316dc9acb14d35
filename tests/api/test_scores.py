"""The score of a lead in the API: it stands in a table beside the lead, and nobody notices."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.api import openapi
from tests.factories import LeadFactory


def test_it_is_read_sorted_and_described_as_a_column_of_the_lead(cast, caller_of):
    api = caller_of(cast.sales)
    for score in (None, 12, 80):
        LeadFactory(owner=cast.sales, score=score)
    told = [row["score"] for row in api.get("leads/?sort=-score").json()["results"]]
    assert told == [80, 12, None]
    described = openapi.schema()["components"]["schemas"]["LeadRow"]["properties"]["score"]
    assert described == {"type": ["integer", "null"], "description": "Score."}


def test_it_takes_no_query_per_lead(cast, caller_of):
    api = caller_of(cast.sales)
    LeadFactory(owner=cast.sales, score=1)
    api.get("leads/")
    counted = []
    for _turn in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert api.get("leads/").status_code == 200
        counted.append(len(queries))
        LeadFactory.create_batch(6, owner=cast.sales, score=2)
    assert counted[0] == counted[1]

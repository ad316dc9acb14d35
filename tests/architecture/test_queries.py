"""No page asks the database more questions because there are more records."""

from datetime import date

from benchmarks import addresses, queries
from zencrm.demo import story

TODAY = date(2026, 11, 20)
MOST_OF_A_RECORD = 15


def test_pages_take_as_many_queries_for_many_records_as_for_few(db):
    story.tell(leads=40, seed=1, today=TODAY)
    few = queries.main(addresses.everything())
    story.tell(leads=250, seed=2, today=TODAY)
    many = queries.main(addresses.everything())
    # One more is the count of all rows, which a list on a single page does without.
    grown = {name: (few[name], many[name]) for name in few if many[name] > few[name] + 1 and "record" not in name}
    assert len(few) > 50
    assert grown == {}
    assert {name: count for name, count in many.items() if "record" in name and count > MOST_OF_A_RECORD} == {}

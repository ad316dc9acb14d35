"""The demo's import: finished, with two bad rows."""

import pytest

from zencrm.demo import importing

pytestmark = pytest.mark.django_db


def test_a_fairs_list_with_two_bad_rows(cast):
    run = importing.bring_in()
    assert (run.state, run.counts) == ("done", {"create": 2, "update": 0, "skip": 0, "error": 2})
    assert sorted(row.number for row in run.rows.filter(is_trial=False, outcome="error")) == [3, 4]

"""The demo has duplicates of each kind, and a merge that can be undone."""

from datetime import date

from core import merging
from core.models import LikelyPair
from parties.models import Company
from people.models import User
from zencrm.demo import story, twins


def test_duplicates_wait_and_one_was_merged(db):
    story.tell(leads=60, seed=1, today=date(2026, 11, 20))
    done = twins.take_in_twice()
    assert set(LikelyPair.objects.values_list("kind", flat=True)) == {
        "leads.lead",
        "parties.company",
        "parties.contact",
    }
    assert done.moved["parties.contact.company"]
    assert not merging.what_undo_would_do(done).reasons
    merging.undo(merge=done, by=User.objects.get(username="manager"))
    assert Company.objects.filter(pk=done.absorbed_id).exists()

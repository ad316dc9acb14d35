"""Two people merge the same records at the same moment: one wins, nothing is lost."""

import pytest

from core import merging
from core.lifecycle import Refused
from core.models import Merge
from parties.models import Company, Contact
from tests.concurrency.test_convert import at_once
from tests.factories import CompanyFactory, ContactFactory

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_eight_merges_of_the_same_two_in_both_directions_one_wins(cast):
    pair = CompanyFactory.create_batch(2)
    contacts = [ContactFactory(company=company) for company in pair]

    def act(turn):
        return merging.merge(keep=pair[turn % 2], absorb=pair[1 - turn % 2], by=cast.manager)

    answers = at_once(act, 8)
    done = [answer for answer in answers if isinstance(answer, Merge)]
    refusals = [answer for answer in answers if isinstance(answer, Refused)]
    assert (len(done), len(refusals)) == (1, 7)
    left = Company.objects.get()
    assert {refusal.reasons[0].fix_url for refusal in refusals} == {left.get_absolute_url()}
    assert set(Contact.objects.filter(company=left)) == set(contacts)

    undone = at_once(lambda _turn: merging.undo(merge=done[0], by=cast.manager), 4)
    assert [type(answer) for answer in undone].count(Refused) == 3
    assert {contact.pk: contact.company_id for contact in Contact.objects.all()} == {
        c.pk: c.company_id for c in contacts
    }

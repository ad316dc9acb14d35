"""What a program still knows by its old number after a merge."""

import pytest

from core import merging
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def merged(cast):
    keep = factories.CompanyFactory(name="Alfa Meccanica", owner=cast.sales)
    gone = factories.CompanyFactory(name="Alfa Mecc.", owner=cast.sales)
    old = gone.pk
    merging.merge(keep=keep, absorb=gone, by=cast.manager)
    return keep, old


def test_the_old_address_leads_to_the_record_that_stayed(cast, caller_of, merged):
    keep, old = merged
    answer = caller_of(cast.manager).get(f"companies/{old}/")
    assert answer.status_code == 308
    assert answer["Location"].endswith(f"/api/v1/companies/{keep.pk}/")
    assert answer.json()["merged_into"] == answer["Location"]


def test_a_change_is_refused_and_told_where(cast, caller_of, merged):
    keep, old = merged
    answer = caller_of(cast.manager).patch(f"companies/{old}/", {"city": "Como"})
    assert answer.status_code == 409
    assert answer.json()["merged_into"].endswith(f"/api/v1/companies/{keep.pk}/")


def test_a_stranger_learns_nothing(cast, caller_of):
    keep = factories.LeadFactory(company_name="Beta", owner=cast.sales)
    gone = factories.LeadFactory(company_name="Beta 2", owner=cast.sales)
    old = gone.pk
    merging.merge(keep=keep, absorb=gone, by=cast.manager)
    stranger = caller_of(cast.sales2)
    assert stranger.get(f"leads/{old}/").status_code == 404
    assert stranger.patch(f"leads/{old}/", {"city": "x"}).status_code == 404
    assert stranger.post(f"leads/{old}/take/").status_code == 404

"""From the list of likely duplicates through the comparison to the merge and back, by a person who sees and clicks."""

import pytest

from core.merging import pairs
from core.models import Merge
from parties.models import Company
from tests.browser.test_looks import Inspector, inspector_of  # noqa: F401
from tests.factories import CompanyFactory, ContactFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_two_companies_are_compared_merged_and_parted(cast, inspector_of):  # noqa: F811
    one = CompanyFactory(name="Alfa S.r.l.", phone="", notes="One")
    two = CompanyFactory(name="ALFA", phone="02 5566778", notes="Two", email=one.email)
    ContactFactory(company=two, last_name="Verdi")
    pairs.find_all()
    inspector: Inspector = inspector_of(cast.manager)
    inspector.look_all_ways("/duplicates/?kind=parties.company")
    page = inspector.page
    page.locator("main a.btn-primary").first.click()
    page.wait_for_url("**/merge/parties/company/**")
    inspector.judge("compare")
    inspector.look_all_ways(page.url)
    page.locator("[name=name][value=absorb]").focus()
    page.keyboard.press("Space")
    page.locator("[name=notes][value=both]").check()
    page.locator("button[type=submit].btn-primary").last.click()
    page.wait_for_url("**/duplicates/**")
    kept = Company.objects.get()
    assert (kept.pk, kept.name, kept.phone, kept.notes) == (one.pk, "ALFA", "02 5566778", "One\n\nTwo")
    merge = Merge.objects.get()
    inspector.look_all_ways(merge.get_absolute_url())
    page.locator("button.btn-outline-danger").click()
    page.wait_for_url(f"**{two.get_absolute_url()}")
    assert Company.objects.count() == 2
    inspector.look_all_ways(f"/merge/parties/company/{one.pk}/")
    inspector.look_all_ways(one.get_absolute_url())
    inspector.content()

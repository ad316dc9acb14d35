"""What a file still knows by its old key after a merge."""

import pytest

from core import merging
from core.models import Merge
from leads.models import Lead
from parties.models import Company, Contact
from tests import factories
from tests.imports import wizard

pytestmark = pytest.mark.django_db


@pytest.fixture
def merged(cast):
    keep = factories.CompanyFactory(name="Alfa Meccanica", external_key="K1", city="Brescia", owner=cast.sales)
    gone = factories.CompanyFactory(name="Alfa Mecc.", external_key="K2", city="Bergamo", owner=cast.sales)
    old = gone.pk
    merging.merge(keep=keep, absorb=gone, by=cast.manager)
    return keep, old


FILE = "external_key;name;city\nK1;Alfa Meccanica;Milano\nK2;Alfa Mecc.;Como\nK3;Gamma;Lodi\n"


class TestTheNextFile:
    def test_what_was_merged_does_not_come_back(self, cast, client_of, merged):
        keep, _old = merged
        run = wizard.bring_in(client_of(cast.manager), FILE, kind="companies", key="external_key")
        assert run.counts == {"create": 1, "update": 1, "skip": 1, "error": 0}
        assert Company.objects.filter(name__startswith="Alfa").count() == 1
        keep.refresh_from_db()
        assert (keep.city, keep.external_key) == ("Milano", "K1")

    def test_the_skipped_row_says_why(self, cast, client_of, merged):
        client = client_of(cast.manager)
        run = wizard.bring_in(client, FILE, kind="companies", key="external_key")
        assert "was merged into “Alfa Meccanica”" in client.get(run.get_absolute_url()).content.decode()

    def test_the_company_of_a_person_is_found_by_its_old_name_and_key(self, cast, client_of, merged):
        file = "external_key;last_name;company\nP1;Rossi;K2\nP2;Verdi;alfa mecc.\n"
        run = wizard.bring_in(client_of(cast.manager), file, kind="contacts", key="external_key")
        assert run.counts["create"] == 2
        assert set(Contact.objects.values_list("company", flat=True)) == {merged[0].pk}

    def test_an_undone_merge_takes_the_row_again(self, cast, client_of, merged):
        keep, old = merged
        merging.undo(merge=Merge.objects.get(absorbed_id=old), by=cast.manager)
        run = wizard.bring_in(client_of(cast.manager), FILE, kind="companies", key="external_key")
        assert run.counts == {"create": 1, "update": 2, "skip": 0, "error": 0}
        assert Company.objects.get(pk=old).city == "Como"

    def test_an_address_counts_whatever_its_case(self, cast, client_of):
        keep = factories.LeadFactory(company_name="Beta", email="info@beta.example", owner=cast.sales)
        gone = factories.LeadFactory(company_name="Beta", email="Vendite@beta.example", owner=cast.sales)
        merging.merge(keep=keep, absorb=gone, by=cast.manager)
        file = "E-mail;Azienda\nvendite@BETA.example;Beta\n"
        run = wizard.bring_in(client_of(cast.manager), file, key="email")
        assert run.counts == {"create": 0, "update": 0, "skip": 1, "error": 0}
        assert Lead.objects.filter(company_name="Beta").count() == 1

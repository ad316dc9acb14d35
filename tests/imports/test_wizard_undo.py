"""Taking an import back: new rows go, changed ones get their old values, and what is left is told with its reason."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from activities.models import Activity
from core.lifecycle import Refused
from core.models import DataAccess, ImportRun
from leads.models import Lead
from parties.models import Company
from tests.factories import CompanyFactory, LeadFactory, OpportunityFactory
from tests.imports.wizard import bring_in, do, page

pytestmark = pytest.mark.django_db

TEXT = "azienda,email,città,phone\nAlfa,a@alfa.it,Roma,1\nBeta,b@beta.it,Bari,2\nGamma,c@gamma.it,Como,3\n"


def reasons(run):
    return {row.number: row.kept_because for row in run.rows.taken().filter(undone="kept")}


def test_everything_goes_back(cast, client_of):
    client = client_of(cast.sales)
    known = LeadFactory(email="b@beta.it", company_name="Old Beta", city="Milano", owner=cast.sales)
    run = bring_in(client, TEXT)
    assert run.counts == {"create": 2, "update": 1, "skip": 0, "error": 0}
    known.refresh_from_db()
    assert (known.company_name, known.city) == ("Beta", "Bari")
    run = do(client, run, "undo")
    assert run.state == "undone"
    known.refresh_from_db()
    assert (known.company_name, known.city, known.phone == "2") == ("Old Beta", "Milano", False)
    assert list(Lead.objects.all()) == [known]
    assert reasons(run) == {}
    assert "2 removed, 1 set back, 0 left" in " ".join(client.get(page(run, "detail")).content.decode().split())


def test_it_is_undone_once(cast, client_of):
    client = client_of(cast.sales)
    run = do(client, bring_in(client, TEXT), "undo")
    with pytest.raises(Refused):
        run.undo(by=cast.sales)
    assert client.post(reverse("core:importrun_act", args=[run.pk, "undo"])).status_code == 409


def test_what_something_hangs_on_stays(cast, client_of):
    client = client_of(cast.sales)
    run = bring_in(client, TEXT)
    alfa, beta, gamma = (Lead.objects.get(email=mail) for mail in ("a@alfa.it", "b@beta.it", "c@gamma.it"))
    Activity.objects.create(subject=alfa, summary="Call", owner=cast.sales)
    OpportunityFactory(lead=beta)
    gamma.city = "Lecco"
    gamma.save()
    run = do(client, run, "undo")
    told = reasons(run)
    assert told[2] == "Something hangs on it: activity."
    assert told[3] == "Something hangs on it: opportunity."
    assert told[4] == "It was changed since."
    assert Lead.objects.count() == 3


def test_that_somebody_looked_at_it_holds_nothing_back(cast, client_of):
    client = client_of(cast.admin)
    run = bring_in(client, "azienda,email\nAlfa,a@alfa.it\n")
    lead = Lead.objects.get()
    assert client.get(lead.get_absolute_url()).status_code == 200
    assert DataAccess.objects.filter(subject_id=lead.pk).exists()
    do(client, run, "undo")
    assert not Lead.objects.exists()


def test_what_was_changed_since_keeps_its_new_values_alone(cast, client_of):
    client = client_of(cast.sales)
    known = LeadFactory(email="b@beta.it", company_name="Old Beta", city="Milano", owner=cast.sales)
    run = bring_in(client, TEXT)
    Lead.objects.filter(pk=known.pk).update(city="Trani")
    run = do(client, run, "undo")
    known.refresh_from_db()
    assert (known.company_name, known.city) == ("Old Beta", "Trani")
    assert reasons(run) == {3: "Changed since, and left so: city."}


def test_looking_up_earlier_values_takes_as_many_queries_for_many_rows_as_for_few(cast, client_of):
    client = client_of(cast.sales)

    def queries(number):
        lines = [f"New {n},{number}-{n}@x.it,Roma,1" for n in range(number)]
        for n in range(number):
            LeadFactory(email=f"{number}-{n}@x.it", company_name=f"Old {n}", owner=cast.sales)
        run = bring_in(client, "\n".join(["azienda,email,città,phone", *lines, ""]))
        assert run.counts["update"] == number
        with CaptureQueriesContext(connection) as captured:
            assert do(client, run, "undo").state == "undone"
        assert not Lead.objects.filter(company_name__startswith="New").exists()
        return len(
            [q for q in captured if q["sql"].startswith("SELECT") and '"leads_leadevent"."pgh_id" IN' in q["sql"]]
        )

    assert queries(2) == queries(12) == 1


def test_parents_and_subsidiaries_of_one_file_go_together(cast, client_of):
    client = client_of(cast.admin)
    mine = CompanyFactory()
    text = "name,parent\nFiglia,Madre\nMadre,Nonna\nNonna,\n"
    run = do(client, bring_in(client, text, kind="companies"), "undo")
    assert reasons(run) == {}
    assert list(Company.objects.all()) == [mine]


def test_a_cancelled_import_can_be_undone_and_an_empty_one_not(cast, client_of):
    run = bring_in(client_of(cast.sales), "email\nnobody\n")
    assert run.counts["error"] == 1
    with pytest.raises(Refused, match="nothing to undo"):
        run.undo(by=cast.sales)
    assert ImportRun.objects.get().state == "done"

"""The register of access: one insert when the answer is out, for every way on which a person's data are shown."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import ApiToken, DataAccess
from tests.factories import CompanyFactory, ContactFactory, LeadFactory, QuoteFactory


def acts(**kwargs):
    return list(DataAccess.objects.filter(**kwargs).order_by("pk").values_list("act", flat=True))


@pytest.mark.parametrize("factory", [LeadFactory, ContactFactory])
def test_who_opens_a_person_is_written_down(cast, client_of, factory):
    person = factory(owner=cast.sales)
    client = client_of(cast.sales)
    client.get(person.get_absolute_url())
    client.get(person.edit_url)
    assert acts() == ["opened", "opened"]
    entry = DataAccess.objects.first()
    assert (entry.user, entry.subject, entry.ip) == (cast.sales, person, "127.0.0.1")


def test_firms_documents_fragments_and_refusals_are_not(cast, client_of):
    lead, quote = LeadFactory(owner=cast.sales), QuoteFactory(owner=cast.sales)
    client = client_of(cast.sales)
    for url in (CompanyFactory().get_absolute_url(), quote.get_absolute_url(), "/leads/", "/leads/new/"):
        assert client.get(url).status_code == 200
    client.get(lead.get_absolute_url(), headers={"HX-Target": "timeline"})
    assert client_of(cast.sales2).get(lead.get_absolute_url()).status_code == 404
    assert client_of(cast.nobody).get(lead.get_absolute_url()).status_code == 403
    assert acts() == []


def test_lists_given_out_are_written_down_with_their_filter(cast, client_of):
    LeadFactory(owner=cast.sales)
    client = client_of(cast.sales)
    assert b"".join(client.get("/leads/export/?format=csv&state=new"))
    assert b"".join(client.get("/contacts/export/?format=xlsx"))
    assert b"".join(client.get("/companies/export/?format=csv"))
    assert [(e.act, e.detail, e.subject_id) for e in DataAccess.objects.order_by("pk")] == [
        ("listed", "?state=new", None),
        ("listed", "?", None),
    ]


def test_programs_are_written_down_under_their_owner(cast, client):
    lead = LeadFactory(owner=cast.sales)
    later = timezone.now() + timedelta(days=1)
    _token, plain = ApiToken.issue(user=cast.sales, name="x", scope="read", expires_at=later)
    headers = {"Authorization": f"Bearer {plain}"}
    assert client.get(f"/api/v1/leads/{lead.pk}/", headers=headers).status_code == 200
    assert client.get("/api/v1/leads/?state=new", headers=headers).status_code == 200
    assert [(e.act, e.user, e.detail) for e in DataAccess.objects.order_by("pk")] == [
        ("program", cast.sales, ""),
        ("listed", cast.sales, "API ?state=new"),
    ]


def test_the_admin_is_watched_too(cast, client_of):
    lead = LeadFactory()
    client_of(cast.admin).get(f"/admin/leads/lead/{lead.pk}/change/")
    assert "opened" in acts(subject_id=lead.pk, user=cast.admin)


def test_export_and_erasure_are_written_down(cast, client_of):
    lead, client = LeadFactory(), client_of(cast.admin)
    assert b"".join(client.post(f"/privacy/leads/lead/{lead.pk}/export/"))
    client.post(f"/privacy/leads/lead/{lead.pk}/erase/", {"reason": "request", "sure": "on"})
    assert acts(subject_id=lead.pk) == ["exported", "erased"]


def test_it_costs_one_insert_after_the_answer(cast, client_of):
    lead, client = LeadFactory(owner=cast.sales), client_of(cast.sales)
    client.get(lead.get_absolute_url())
    with CaptureQueriesContext(connection) as captured:
        client.get(lead.get_absolute_url())
    inserts = [q["sql"] for q in captured if "core_dataaccess" in q["sql"]]
    assert len(inserts) == 1 and captured.captured_queries[-1]["sql"] == inserts[0]


def test_an_answer_does_not_fail_because_the_register_does(cast, client_of, caplog):
    client, lead = client_of(cast.sales), LeadFactory(owner=cast.sales)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_dataaccess ADD CONSTRAINT full_up CHECK (false) NOT VALID")
    assert client.get(lead.get_absolute_url()).status_code == 200
    assert "not written" in caplog.text


def test_the_register_cannot_be_changed(cast, client_of):
    client_of(cast.admin).get(LeadFactory().get_absolute_url())
    for change in (lambda: DataAccess.objects.update(user_name="x"), DataAccess.objects.get().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert DataAccess.objects.count() == 1


def test_administrators_read_filter_and_export_the_register(cast, client_of):
    lead, client = LeadFactory(owner=cast.sales), client_of(cast.admin)
    client_of(cast.sales).get(lead.get_absolute_url())
    assert "Sales Test" in client.get("/privacy/access/").content.decode()
    for query, found in ((f"about=leads.lead-{lead.pk}", True), ("about=leads.lead-0", False), ("act=erased", False)):
        assert ("<td" in client.get(f"/privacy/access/?{query}").content.decode()) is found
    assert b"Sales Test" in b"".join(client.get("/privacy/access/export/?format=csv"))
    for user in (cast.manager, cast.sales, cast.hr):
        assert client_of(user).get("/privacy/access/").status_code == 403

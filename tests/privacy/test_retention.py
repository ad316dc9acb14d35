"""Retention: what nothing has happened to for the months of a rule is ended by the job, and nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from activities.services import add_note
from core.models import DataAccess, Erasure, File, ImportRow, ImportRun, RetentionRule, RetentionRun
from core.privacy import erasing, retention
from leads import touches
from leads.models import Lead
from parties.models import Contact
from quotes.models import Quote
from tests.factories import CaseFactory, ContactFactory, ImportRunFactory, LeadFactory, QuoteFactory

NOW = timezone.now()


def aged(record, days: int):
    type(record)._base_manager.filter(pk=record.pk).update(updated_at=NOW - timedelta(days=days))
    return record


def in_force(kind: str, months: int) -> RetentionRule:
    return RetentionRule.objects.create(kind=kind, months=months, is_active=True)


def erased(record) -> bool:
    record.refresh_from_db()
    return record.email == ""


@pytest.fixture
def old_lead(db):
    return aged(LeadFactory(state="lost"), 900)


def test_nothing_goes_while_no_rule_is_in_force(old_lead):
    RetentionRule.objects.create(kind="lost_leads", months=1, is_active=False)
    assert retention.apply() == 0 and not erased(old_lead)


def test_old_lost_leads_go_fresh_and_open_ones_stay(old_lead):
    fresh, open_one = LeadFactory(state="lost"), aged(LeadFactory(state="working"), 900)
    in_force("lost_leads", 24)
    assert retention.apply() == 1
    assert erased(old_lead) and not erased(fresh) and not erased(open_one)
    assert Erasure.objects.get().reason == "retention"
    run = RetentionRun.objects.get()
    assert (run.kind, run.done, run.failed, run.months) == ("lost_leads", 1, 0, 24)


def test_a_sign_of_life_counts_as_the_last_act(old_lead, cast):
    add_note(subject=old_lead, body="Ha richiamato", by=cast.admin)
    in_force("lost_leads", 24)
    assert retention.apply() == 0 and not erased(old_lead)


def test_a_new_touch_is_a_sign_of_life_too(old_lead):
    touches.record(LeadFactory(), at=NOW, channel="form")
    touches.record(old_lead, at=NOW, channel="form")
    in_force("lost_leads", 24)
    assert retention.apply() == 0 and not erased(old_lead)


def test_who_is_erased_is_not_erased_again(old_lead):
    in_force("lost_leads", 24)
    retention.apply()
    with erasing.opened(Erasure):
        Erasure.objects.update(at=NOW - timedelta(days=1000))
    aged(old_lead, 1001)
    assert retention.apply() == 0


def test_contacts_with_business_stay(db):
    alone, busy = aged(ContactFactory(), 2000), aged(ContactFactory(), 2000)
    CaseFactory(contact=busy, company=busy.company)
    in_force("idle_contacts", 36)
    assert retention.apply() == 1
    assert erased(alone) and not erased(busy)


def test_one_that_fails_leaves_the_others_alone(old_lead, monkeypatch):
    from core.lifecycle import Refused

    other, real = aged(LeadFactory(state="lost"), 900), erasing.erase

    def erase(record, **kwargs):
        if record.pk == old_lead.pk:
            raise Refused("no")
        return real(record, **kwargs)

    monkeypatch.setattr(erasing, "erase", erase)
    in_force("lost_leads", 24)
    assert retention.apply() == 1
    assert erased(other) and not erased(old_lead)
    assert RetentionRun.objects.get().failed == 1


def test_files_of_imports_go(db):
    run = ImportRunFactory(state="done")
    ImportRow.objects.create(run=run, is_trial=False, number=1, outcome="create", name="Alfa", cells={"a": "Alfa"})
    aged(run, 300)
    in_force("imports", 6)
    assert retention.apply() == 1 and retention.apply() == 0
    assert bytes(File.objects.get(pk=run.file_id).content) == b"" and run.rows.get().cells is None
    assert ImportRun.objects.get().state == "done"


def test_the_register_of_access_is_kept_for_its_months_only(db, cast, client_of):
    client_of(cast.admin).get(LeadFactory().get_absolute_url())
    with erasing.opened(DataAccess):
        DataAccess.objects.update(at=NOW - timedelta(days=800))
    client_of(cast.admin).get(LeadFactory().get_absolute_url())
    in_force("access", 24)
    assert retention.apply() == 1 and DataAccess.objects.count() == 1


def test_when_the_law_keeps_less_the_erasure_goes_on(db, cast):
    contact = ContactFactory()
    QuoteFactory(
        contact=contact, company=contact.company, state="accepted", answered_at=NOW, signer_name="Giulia Verdi"
    )
    erasure = erasing.erase(contact, by=cast.admin, reason="request")
    assert retention.review() == 0
    with erasing.opened(Quote):
        Quote.objects.update(answered_at=NOW - timedelta(days=3700))
    Erasure.objects.update(review_on=NOW - timedelta(days=1))
    assert retention.review() == 1
    assert Quote.objects.get().signer_name == ""
    erasure.refresh_from_db()
    assert erasure.review_on is None


# --- Pages --------------------------------------------------------------------------------------------------------------


def test_the_page_counts_before_anything_goes(old_lead, cast, client_of):
    client = client_of(cast.admin)
    counted = client.get("/privacy/retention/?panel=rules").context["rows"]
    assert [row["over"] for row in counted if row["term"].key == "lost_leads"] == ["1"]
    url = "/privacy/retention/lost_leads/"
    preview = client.post(url, {"months": "24", "is_active": "on", "preview": "1"})
    assert old_lead.company_name in preview.content.decode() and not RetentionRule.objects.exists()
    assert old_lead.company_name not in client.post(url, {"months": "60", "preview": "1"}).content.decode()
    assert client.post(url, {"months": "24", "is_active": "on"}).status_code == 302
    rule = RetentionRule.objects.get()
    assert (rule.months, rule.is_active) == (24, True) and not erased(old_lead)
    assert client.post(f"{url}now/").status_code == 302
    for nonsense in ("0", "-1", "241", "x", ""):
        assert client.post(url, {"months": nonsense}).status_code == 422


def test_only_administrators_see_and_set_rules(db, cast, client_of):
    for user in (cast.manager, cast.sales, cast.hr):
        for page in ("", "lost_leads/"):
            assert client_of(user).get(f"/privacy/retention/{page}").status_code == 403
        assert client_of(user).post("/privacy/retention/lost_leads/now/").status_code == 403
    assert client_of(cast.admin).get("/privacy/retention/nothing/").status_code == 404
    assert client_of(cast.admin).post("/privacy/retention/lost_leads/now/").status_code == 404


def test_people_with_documents_are_never_found_twice(db):
    assert {term.key for term in retention.terms()} >= {
        "lost_leads",
        "idle_leads",
        "idle_contacts",
        "imports",
        "access",
    }
    for term in retention.terms():
        assert list(retention.over(term, 1)) == []
    assert not Lead.objects.exists() and not Contact.objects.exists()

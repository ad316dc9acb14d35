"""The admin as a whole: every page of it opens, the same login guards it, and events that failed can be sent again."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from djmoney.money import Money

from core import history, outbox
from core.models import Delivery, Event
from leads.models import Lead
from parties.models import Company
from tests.factories import CompanyFactory, LeadFactory

pytestmark = pytest.mark.django_db


def page(model, name, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def test_every_list_and_every_add_page_opens(cast, client_of):
    client = client_of(cast.admin)
    answers = {}
    for model, model_admin in admin.site._registry.items():
        answers[model._meta.label, "list"] = client.get(page(model, "changelist")).status_code
        may_add = model_admin.has_add_permission(client.get(page(model, "changelist")).wsgi_request)
        answers[model._meta.label, "add"] = client.get(page(model, "add")).status_code if may_add else 200
    assert {key: status for key, status in answers.items() if status != 200} == {}


def test_anonymous_people_are_sent_to_the_one_login_page(client):
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith(reverse("account_login"))


@pytest.mark.parametrize("role", ["sales", "accountant", "pm", "nobody"])
def test_only_staff_enter(cast, client_of, role):
    answer = client_of(getattr(cast, role)).get("/admin/", follow=True)
    assert answer.status_code == 403


def test_failed_events_are_listed_and_sent_again(cast, client_of):
    lead = LeadFactory()
    event = history.record("lead.created", lead, by=cast.sales)
    later = timezone.now() + timezone.timedelta(hours=1)
    Event.objects.filter(pk=event.pk).update(
        attempts=2, dispatched_at=None, next_try_at=later, last_error="ValueError('poison')"
    )
    client = client_of(cast.admin)
    listed = client.get(page(Event, "changelist"), {"reactions": "failed"})
    assert "ValueError" in listed.content.decode()
    client.post(page(Event, "changelist"), {"action": "send_again", "_selected_action": [event.pk]})
    event.refresh_from_db()
    assert event.next_try_at <= timezone.now()
    assert event.attempts == 2


def test_managers_may_not_send_events_again(cast, client_of):
    answer = client_of(cast.manager).get(page(Event, "changelist"))
    assert answer.status_code == 403


def test_roles_are_looked_at_only(cast, client_of):
    from django.contrib.auth.models import Group

    group = Group.objects.get(name="sales")
    answer = client_of(cast.admin).post(page(Group, "change", group.pk), {"name": "x"})
    assert answer.status_code == 403


def test_what_happened_is_told_as_the_pages_tell_it(cast, client_of):
    event = history.record("lead.taken", LeadFactory(), by=cast.manager)
    lead, at = event.subject_id, timezone.localtime(event.at)
    client, events = client_of(cast.admin), page(Event, "changelist")
    for language, day in (("it", f"{at:%d/%m/%Y %H:%M}"), ("en", f"{at.day} {at:%b %Y %H:%M}")):
        cast.admin.language = language
        cast.admin.save()
        answer = client.get(events).text
        assert f"Lead {lead}" in answer and day in answer and "Subject" not in answer, language


def test_events_are_found_by_their_name_and_day(cast, client_of):
    for name in ("lead.taken", "lead.lost", "lead.taken"):
        history.record(name, LeadFactory(), by=cast.manager)
    client = client_of(cast.admin)

    def names(**asked):
        return {event.name for event in client.get(page(Event, "changelist"), asked).context["cl"].result_list}

    assert sorted(Event.objects.names()) == sorted(names())
    assert names(name="lead.taken") == {"lead.taken"} and names(name="lead.gone") == set()
    assert {"lead.taken", "lead.lost"} <= names(at__gte="2026-01-01 00:00:00+01:00")
    assert names(at__lt="2020-01-01 00:00:00+01:00") == set()


def test_of_very_many_events_the_newest_can_be_turned_to(cast, client_of, monkeypatch):
    monkeypatch.setattr("core.admin.base.FirstPages.MOST", 3)
    monkeypatch.setattr("core.admin.outbox.EventAdmin.list_per_page", 2)
    lead = LeadFactory()
    made = [history.record("lead.taken", lead, by=cast.manager).pk for _turn in range(5)]
    client, events = client_of(cast.admin), page(Event, "changelist")
    answer = client.get(events, headers={"Accept-Language": "en"})
    assert answer.context["cl"].result_count == 3 and "first 3" in answer.text
    listed = [client.get(events, {"p": number}).context["cl"].result_list for number in (1, 2)]
    assert [[event.pk for event in rows] for rows in listed] == [made[:2:-1], [made[2]]]
    assert "These are the first" not in client.get(events, {"name": "lead.lost"}).text


def test_all_that_is_chosen_is_all_that_was_counted(cast, client_of, monkeypatch):
    monkeypatch.setattr("core.admin.base.FirstPages.MOST", 3)
    monkeypatch.setattr("core.admin.outbox.EventAdmin.list_per_page", 2)
    lead, later = LeadFactory(), timezone.now() + timezone.timedelta(hours=1)
    made = [history.record("lead.taken", lead, by=cast.manager).pk for _turn in range(5)]
    Event.objects.update(attempts=2, dispatched_at=None, next_try_at=later)
    client, events = client_of(cast.admin), page(Event, "changelist")
    client.post(events, {"action": "send_again", "select_across": "1", "_selected_action": made[4:]})
    waiting = Event.objects.filter(next_try_at=later).values_list("pk", flat=True)
    assert sorted(waiting) == [pk for pk in Event.objects.order_by("pk").values_list("pk", flat=True) if pk < made[2]]


def test_companies_are_found_by_their_country_and_deliveries_by_their_way(cast, client_of):
    CompanyFactory(name="Acme GmbH", country="DE")
    CompanyFactory(name="Rossi S.r.l.", country="IT")
    client = client_of(cast.admin)

    def found(model, **asked):
        return {str(row) for row in client.get(page(model, "changelist"), asked).context["cl"].result_list}

    assert found(Company, country__icontains="de") == {"Acme GmbH"}
    assert found(Company, country__icontains="FR") == set()
    for channel, key in (("ubl", "order-1"), ("email", "quote-2")):
        outbox.send(channel=channel, key=key, subject=LeadFactory(), payload={"to": []})
    assert len(found(Delivery, channel="ubl")) == 1 and len(found(Delivery)) == 2


def test_amounts_are_written_as_the_pages_write_them(cast, client_of):
    LeadFactory(budget=Money("1234.50", "EUR"))
    lists = client_of(cast.admin).get(page(Lead, "changelist"), headers={"Accept-Language": "en"}).text
    assert "€1,234.50" in lists
    assert client_of(cast.admin).get(page(Lead, "changelist"), {"o": "6"}).status_code == 200


def test_an_event_is_shown_in_the_readers_words(cast, client_of):
    event = history.record("lead.taken", LeadFactory(), by=cast.manager)
    cast.admin.language = "it"
    cast.admin.save()
    shown = client_of(cast.admin).get(page(Event, "change", event.pk)).text
    for words in ("Riguarda", f"Lead {event.subject_id}", "Prossimo tentativo", "ZenCRM"):
        assert words in shown, words
    for words in ("Subject", "Next try", "Actor", ">Core<"):
        assert words not in shown, words

"""A mailing waits for its hour, can be called off until then, and goes out exactly once."""

import threading
from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from activities.models import Notification
from core import access, outbox
from core.lifecycle import Refused
from core.models import Delivery, Event
from leads.models import Mailing, Send
from leads.nurture import hours, mailings, scheduling
from leads.tasks import send_mailings
from tests.factories import LeadFactory, MailingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailing(cast, reader, newsletter):
    return MailingFactory(owner=cast.marketing, purpose=newsletter)


def tomorrow():
    return timezone.localdate() + timedelta(days=1)


def plan(mailing, by, on=None, hour=9):
    return scheduling.schedule(mailing=mailing, by=by, on=on or tomorrow(), hour=hour)


def time_passes(mailing):
    Mailing.objects.filter(pk=mailing.pk).update(scheduled_for=timezone.now() - timedelta(seconds=1))


def test_it_goes_out_when_its_time_has_come_and_only_once(cast, mailing, agree, newsletter, smtp):
    plan(mailing, cast.marketing)
    send_mailings()
    assert not Send.objects.exists()
    late = agree(LeadFactory(email="later@cliente.example"), newsletter)  # who comes to belong to the segment meanwhile
    time_passes(mailing)
    for _turn in range(3):
        send_mailings()
        outbox.deliver_due()
    assert sorted(Send.objects.values_list("email", flat=True)) == ["giulia@cliente.example", late.email]
    assert len(smtp.messages) == 2
    mailing.refresh_from_db()
    assert mailing.state == "sent" and mailing.owner == cast.marketing
    names = list(Event.objects.about(mailing).order_by("pk").values_list("name", flat=True))
    assert names == ["mailing.scheduled", "mailing.started", "mailing.sent"]


def test_the_words_are_those_from_when_it_was_scheduled(cast, mailing, client_of, smtp):
    plan(mailing, cast.marketing)
    template = mailing.template
    template.title_it = "Altro titolo"
    template.save()
    assert "Altro titolo" not in client_of(cast.marketing).get(mailing.get_absolute_url()).text
    time_passes(mailing)
    send_mailings()
    assert Send.objects.get().edition.title != "Altro titolo"


def test_who_says_no_until_then_gets_nothing(cast, mailing, reader, newsletter):
    from core.privacy import consent

    plan(mailing, cast.marketing)
    consent.withdraw(subject=reader, purpose=newsletter, by=access.JOB, source="phone")
    time_passes(mailing)
    send_mailings()
    mailing.refresh_from_db()
    assert mailing.state == "draft" and not Delivery.objects.exists()
    event = Event.objects.about(mailing).get(name="mailing.called_off")
    assert "Nobody of this segment" in event.data["reason"]
    outbox.relay()
    assert Notification.objects.filter(user=cast.marketing).count() == 1


def test_it_is_called_off_and_planned_anew(cast, mailing):
    plan(mailing, cast.marketing)
    mailing.refresh_from_db()
    mailing.call_off(by=cast.marketing)
    time_passes(mailing)
    send_mailings()
    mailing.refresh_from_db()
    assert mailing.state == "draft" and mailing.editions == {} and not Send.objects.exists()
    Mailing.objects.filter(pk=mailing.pk).update(scheduled_for=None)
    plan(mailing, cast.marketing)
    with pytest.raises(Refused):
        plan(mailing, cast.marketing)  # it is scheduled already
    assert Mailing.objects.get().scheduled_for == scheduling.moment(tomorrow(), 9)


def test_it_can_still_be_sent_at_once(cast, mailing):
    plan(mailing, cast.marketing)
    mailings.start(mailing=mailing, by=cast.marketing)
    send_mailings()
    time_passes(mailing)
    send_mailings()
    assert Send.objects.count() == 1


@pytest.mark.parametrize(("days", "words"), [(0, "over already"), (-1, "over already"), (500, "more than a year")])
def test_moments_that_make_no_sense_are_refused(cast, mailing, days, words):
    with pytest.raises(Refused, match=words):
        plan(mailing, cast.marketing, on=timezone.localdate() + timedelta(days=days), hour=0)


def test_who_may_not_send_may_not_schedule(cast, mailing):
    for user in (cast.sales, cast.accountant):
        with pytest.raises(PermissionDenied):
            plan(mailing, user)


@pytest.mark.parametrize("change", ["inactive", "no right"])
def test_who_has_lost_the_right_sends_nothing_any_more(cast, mailing, change):
    plan(mailing, cast.marketing)
    if change == "inactive":
        cast.marketing.is_active = False
        cast.marketing.save()
    else:
        cast.marketing.groups.clear()
    time_passes(mailing)
    send_mailings()
    mailing.refresh_from_db()
    assert mailing.state == "draft" and not Send.objects.exists()


def test_a_working_hour_is_offered(monkeypatch):
    friday_evening = datetime(2026, 12, 4, 17, 30, tzinfo=timezone.get_default_timezone())
    monkeypatch.setattr(timezone, "now", lambda: friday_evening)
    # Monday; Tuesday the 8th is a holiday.
    assert scheduling.offered() == scheduling.moment(date(2026, 12, 7), 9)
    assert hours.opening(hours.OFFICE, scheduling.moment(date(2026, 12, 8), 9)).day == 9


class TestPage:
    def test_from_the_draft_to_the_list_and_back(self, cast, mailing, client_of):
        client = client_of(cast.marketing)
        url = reverse("leads:mailing_schedule", args=[mailing.pk])
        assert url in client.get(mailing.get_absolute_url()).text
        form = client.get(url).text
        assert "Working hours" in form and "person gets this mail" in form
        assert client.post(url, {"on": "2020-01-01", "hour": "9"}).status_code == 422
        assert client.post(url, {"on": tomorrow().isoformat(), "hour": "25"}).status_code == 422
        answer = client.post(url, {"on": tomorrow().isoformat(), "hour": "3"}, follow=True)
        assert "outside of working hours" in answer.text and "It goes out on" in answer.text
        mailing.refresh_from_db()
        assert mailing.state == "scheduled"
        assert mailing.name in client.get("/mailings/?state=scheduled&sort=scheduled_for").text
        assert client.get(mailing.edit_url).status_code == 409
        assert client.post(mailing.act_url("call_off")).status_code == 302
        assert client.get(mailing.edit_url).status_code == 200

    def test_sales_may_not(self, cast, mailing, client_of):
        url = reverse("leads:mailing_schedule", args=[mailing.pk])
        assert client_of(cast.sales).post(url, {"on": tomorrow().isoformat(), "hour": "9"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_two_workers_start_it_once(cast, mailing):
    plan(mailing, cast.marketing)
    time_passes(mailing)
    started: list[int] = []

    def work():
        try:
            started.append(scheduling.start_due())
            mailings.send_waiting()
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    mailings.send_waiting()
    assert sum(started) == 1 and Send.objects.count() == 1
    assert Event.objects.about(mailing).filter(name="mailing.started").count() == 1

"""The bell: whoever an event or a note concerns is told once, if they may see the record, as they want to be told."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from activities import digest, notifications, services
from activities.models import Notification, NotificationChoice
from core import outbox
from core.models import Delivery, Event
from tests.factories import CompanyFactory, LeadFactory, QuoteFactory
from zencrm.notices import NOTICES
from zencrm.reactions import REACTIONS

pytestmark = pytest.mark.django_db
LIST = reverse("activities:notifications")
BELL = reverse("activities:bell")


def told(user):
    return list(Notification.objects.filter(user=user).order_by("pk").values_list("kind", "name", "subject_id"))


def submitted(cast):
    quote = QuoteFactory(owner=cast.sales)
    quote.submit(by=cast.sales)
    outbox.relay()
    return quote


def test_every_event_of_the_table_reaches_it():
    assert all(notifications.notify in REACTIONS[name] for name in NOTICES)


def test_who_approves_is_told_and_so_is_the_owner_of_the_outcome(cast):
    quote = submitted(cast)
    assert told(cast.manager) == [("approval", "quote.submitted", quote.pk)]
    assert told(cast.sales) == [], "nobody is told of their own acts"
    assert told(cast.admin) == told(cast.accountant) == []
    quote.approve(by=cast.manager)
    outbox.relay()
    assert told(cast.sales) == [("outcome", "quote.approved", quote.pk)]


def test_the_same_event_tells_once(cast):
    quote = submitted(cast)
    notifications.notify(Event.objects.about(quote).get(name="quote.submitted"))
    assert len(told(cast.manager)) == 1


def test_a_note_tells_whom_it_names_and_says_who_may_not_see_the_record(cast, client_of):
    lead = LeadFactory(owner=cast.sales)
    url = reverse("activities:note_create", args=["leads", "lead", lead.pk])
    body = f"@{cast.manager.username.upper()}, @{cast.buyer.username}: see info@{cast.care.username} @{cast.sales.username}"
    page = client_of(cast.sales).post(url, {"note-body": body}, follow=True).text
    assert told(cast.manager) == [("mention", "note.mentioned", lead.pk)]
    assert told(cast.buyer) == told(cast.care) == told(cast.sales) == []
    assert "Not told, because they may not see this record" in page and str(cast.buyer) in page


def test_opening_one_reads_it_and_leads_there(cast, client_of):
    quote = submitted(cast)
    client = client_of(cast.manager)
    assert ">1</span>" in client.get(BELL).text
    page = client.get(LIST).text
    row = Notification.objects.get(user=cast.manager)
    assert str(quote) in page and f'href="{LIST}{row.pk}/"' in page
    assert client.get(f"{LIST}{row.pk}/").url == quote.get_absolute_url()
    row.refresh_from_db()
    assert row.read_at is not None
    assert client.get(BELL, {"shown": ""}).status_code == 204


def test_a_stranger_opens_nothing_of_mine(cast, client_of):
    submitted(cast)
    row = Notification.objects.get(user=cast.manager)
    for user in (cast.sales, cast.admin):
        assert client_of(user).get(f"{LIST}{row.pk}/").status_code == 404
        client_of(user).post(LIST)
    assert client_of(cast.manager).get(f"{LIST}99999999999999999999/").status_code == 404
    row.refresh_from_db()
    assert row.read_at is None


def test_what_is_no_longer_mine_to_see_is_not_named(cast, client_of):
    lead = LeadFactory(owner=cast.sales, company_name="Segreta S.r.l.")
    notifications.tell(
        [cast.sales], kind="assigned", name="lead.assigned", subject=lead, actor_name="Elena", cause="event-0"
    )
    client = client_of(cast.sales)
    assert "Segreta" in client.get(LIST).text
    type(lead).objects.filter(pk=lead.pk).update(owner=cast.sales2)
    assert "Segreta" not in client.get(LIST).text
    assert client.get(f"{LIST}{Notification.objects.get().pk}/").status_code == 404
    assert digest.send_digests() == 0


def test_all_are_marked_as_read_at_once(cast, client_of):
    submitted(cast)
    submitted(cast)
    client = client_of(cast.manager)
    assert client.post(LIST).status_code == 302
    assert not Notification.objects.filter(user=cast.manager, read_at=None).exists()


def test_the_bell_costs_one_small_query_and_nothing_is_drawn_while_nothing_changes(cast, client_of):
    submitted(cast)
    client = client_of(cast.manager)
    client.get(BELL)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(BELL, {"shown": "1"}).status_code == 204
    mine = [q["sql"] for q in queries if "activities_notification" in q["sql"]]
    assert len(mine) == 1


def test_the_list_takes_as_many_queries_with_three_as_with_thirty(cast, client_of):
    def tell(number):
        for n in range(number):
            lead = LeadFactory(owner=cast.sales)
            notifications.tell(
                [cast.sales],
                kind="assigned",
                name="lead.assigned",
                subject=lead,
                actor_name="E",
                cause=f"x{lead.pk}-{n}",
            )

    client = client_of(cast.sales)
    tell(3)
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    tell(27)
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)
    assert len(few) == len(many)


def test_choices_are_kept_and_obeyed(cast, client_of):
    client = client_of(cast.manager)
    url = reverse("activities:notification_choices")
    assert client.get(url).status_code == 200
    assert client.post(url, {"mention": ["shouted"]}).status_code == 422
    kinds = {"mention": ["shown", "mailed"], "assigned": ["shown"], "outcome": ["mailed"]}
    assert client.post(url, kinds).status_code == 302
    assert NotificationChoice.objects.filter(user=cast.manager).count() == len(
        NotificationChoice._meta.get_field("kind").choices
    )
    submitted(cast)
    assert told(cast.manager) == [], "approvals are wanted in neither way"


def test_the_digest_goes_once_to_those_who_want_it(cast):
    quote = submitted(cast)
    NotificationChoice.objects.create(user=cast.accountant, kind="approval", mailed=False)
    company = CompanyFactory()
    for user in (cast.accountant, cast.care):
        notifications.tell(
            [user], kind="approval", name="quote.submitted", subject=company, actor_name="E", cause="e-1"
        )
    type(cast.care).objects.filter(pk=cast.care.pk).update(email="")
    assert digest.send_digests() == 1
    assert digest.send_digests() == 0
    mail = Delivery.objects.get(key__startswith="digest-")
    assert mail.payload["to"] == [cast.manager.email]
    assert quote.number in mail.payload["text"] and quote.number in mail.payload["html"]


def test_what_was_read_is_not_mailed(cast):
    submitted(cast)
    Notification.objects.update(read_at=timezone.now())
    assert digest.send_digests() == 0


def test_names_are_offered_while_typing(cast, client_of):
    url = reverse("activities:people")
    assert (
        f'data-username="{cast.buyer.username}"' in client_of(cast.sales).get(url, {"q": cast.buyer.username[:2]}).text
    )
    assert "data-username" not in client_of(cast.sales).get(url, {"q": "nobody-of-this-name"}).text
    assert client_of(cast.nobody).get(url).status_code == 403


def test_a_mention_is_a_word_of_its_own():
    names = notifications._MENTION.findall("a@b.it @anna.rossi. (@Marco), @@no @x")
    assert names == ["anna.rossi", "Marco"]


def test_a_note_without_names_tells_nobody(cast):
    services.add_note(subject=LeadFactory(owner=cast.sales), body="Called them.", by=cast.sales)
    assert not Notification.objects.exists()

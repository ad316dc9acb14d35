"""Who is told of mail that comes in, who sees it, and what machines write."""

import pytest
from django.test import Client
from django.urls import reverse

from activities.api import EmailApi
from activities.mail import receiving, sending
from activities.mail.receiving import Outcome, take_in
from activities.models import Email, Notification
from tests.activities.mails import answer, taken
from tests.factories import EmailFactory, LeadFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def addresses(settings):
    settings.DEFAULT_FROM_EMAIL = "ZenCRM <crm@aquaflux.example>"
    settings.MAIL_REPLY_ADDRESS = "crm@aquaflux.example"


@pytest.fixture
def lead(cast):
    return LeadFactory(owner=cast.sales, email="giulia@cliente.example", company_name="Cliente S.r.l.")


@pytest.fixture
def sent(cast, lead):
    return sending.send_email(subject=lead, by=cast.sales, to=[lead.email], title="Pumps", text="Do you need pumps?")


# --- Who is told, who sees it ---------------------------------------------------------------------------------------------


def test_the_answer_to_a_private_mail_is_private(cast, client_of, lead):
    first = sending.send_email(
        subject=lead, by=cast.sales, to=[lead.email], cc=[cast.pm.email], title="Secret", text="s", private=True
    )
    back = taken(answer(first, "Top secret words", Subject="Re: Secret", Cc=cast.pm.email))
    assert back.private and set(back.readers.all()) == {cast.pm}
    for user, status in ((cast.sales, 200), (cast.pm, 200), (cast.manager, 404), (cast.admin, 404)):
        assert client_of(user).get(back.get_absolute_url()).status_code == status
    assert set(Notification.objects.values_list("user__username", flat=True)) == {"sales", "pm"}
    assert "Secret" not in client_of(cast.sales).get("/notifications/").text  # nor in the mail made of it
    url = reverse("activities:email_attach", args=[back.pk])
    assert client_of(cast.admin).get(url).status_code == 404


def test_a_webhook_is_told_of_no_private_mail(cast, lead):
    open_one, private = (EmailFactory(owner=cast.sales, subject=lead, private=private) for private in (False, True))
    assert EmailApi.told_to(cast.sales, open_one.pk) == open_one
    assert EmailApi.told_to(cast.sales, private.pk) is None
    assert EmailApi.told_to(cast.sales2, open_one.pk) is None
    assert EmailApi.seen_by(cast.sales, private.pk) == private, "their own people read it by the API as on its page"
    assert EmailApi.seen_by(cast.sales2, private.pk) is None


def test_what_machines_write_calls_nobody(sent, cast):
    for number, headers in enumerate(
        (
            {"Auto-Submitted": "auto-replied"},
            {"Auto-Submitted": "auto-generated; x=y"},
            {"Precedence": "bulk"},
            {"X-Autoreply": "yes"},
            {"List-Id": "<news.example>"},
        )
    ):
        assert taken(answer(sent, f"Away until Monday {number}", **headers)).automatic
    assert not Notification.objects.exists()
    assert not taken(answer(sent, "A person", **{"Auto-Submitted": "no"})).automatic
    assert Notification.objects.count() == 1


def test_nor_does_a_flood(sent, cast, monkeypatch):
    monkeypatch.setattr(receiving, "MOST_PER_HOUR", 3)
    for number in range(6):
        taken(answer(sent, f"Number {number}"))
    assert Email.objects.filter(direction="in").count() == 6
    assert Notification.objects.count() == 3


BOUNCE = """From: MAILER-DAEMON@mail.example
To: crm@aquaflux.example
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce@mail.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=B

--B
Content-Type: text/plain

I could not deliver your message.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; giulia@cliente.example
Action: failed
Status: 5.1.1
--B
Content-Type: {kind}

Message-ID: {id}
Subject: Pumps

--B--
"""


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_a_bounce_comes_back_to_the_record_and_its_writer_is_told(sent, cast, lead, kind):
    email = taken(BOUNCE.format(kind=kind, id=sent.message_id).encode())
    assert email.automatic and email.subject == lead
    assert "could not deliver" in email.text and "5.1.1" in email.text
    assert Notification.objects.get(user=cast.sales).name == "email.undelivered"


def test_loops_and_repetitions(sent):
    ours = answer(sent, From="ZenCRM <crm@aquaflux.example>")
    assert take_in(ours.as_bytes()) == (Outcome.LOOP, None)
    round_and_round = answer(sent, "round").as_bytes()
    assert take_in(b"Received: from a by b; now\n" * 60 + round_and_round)[0] is Outcome.LOOP
    once = answer(sent, "once").as_bytes()
    assert take_in(once)[0] is Outcome.KEPT
    assert take_in(once) == (Outcome.KNOWN, None)
    without_id = b"From: a@b.example\nSubject: x\n\nwords"
    assert take_in(without_id)[0] is Outcome.KEPT
    assert take_in(without_id)[0] is Outcome.KNOWN
    assert Email.objects.filter(direction="in").count() == 2


def test_nobody_without_an_account_sees_anything(sent):
    assert Client().get(sent.get_absolute_url()).status_code == 302

"""What leaves the house, against real servers that misbehave on purpose."""

import json
from datetime import timedelta
from email import message_from_bytes

import pytest
from django.core.mail import get_connection
from django.utils import timezone

from core import access, channels, outbox
from core.models import Delivery
from tests.factories import SalesOrderFactory
from tests.servers import Erp, free_port, mail_server

pytestmark = [pytest.mark.django_db, pytest.mark.servers]


@pytest.fixture
def erp(settings, monkeypatch):
    settings.ERP_WEBHOOK_SECRET = "s3cret"
    monkeypatch.setattr(channels, "TIMEOUT", 0.5)
    with Erp() as server:
        yield server


@pytest.fixture
def mail(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 2
    with mail_server() as (mailbox, port):
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield mailbox


def webhook(url, key="erp-webhook-1"):
    payload = {"url": url, "body": {"number": "OV 2026/0001", "net": "10.00"}}
    return outbox.send(channel="webhook", key=key, subject=SalesOrderFactory(), payload=payload)


def letter(*to, key="mail-1"):
    return outbox.send_mail(
        key=key,
        subject=SalesOrderFactory(),
        to=list(to) or ["giulia@example.it"],
        title="Order\n confirmed",
        text="Buongiorno",
        html="<p>Buongiorno</p>",
        files=[("a.pdf", "application/pdf", b"%PDF-1.7")],
    )


def delivered(delivery):
    outbox.deliver(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def due_again(delivery):
    Delivery.objects.filter(pk=delivery.pk).update(next_try_at=timezone.now())


def test_a_webhook_is_signed_and_carries_its_key(erp):
    delivery = delivered(webhook(erp.url))
    key, headers, body = erp.calls[0]
    assert (delivery.state, key) == ("delivered", "erp-webhook-1")
    assert headers["X-ZenCRM-Signature"] == "sha256=" + channels.signature("s3cret", body)
    assert json.loads(body) == {"number": "OV 2026/0001", "net": "10.00"}
    assert "SO-1" in delivery.answer


@pytest.mark.parametrize("trouble", [500, 503, 429, 408, "close", "slow"])
def test_passing_trouble_is_tried_again_with_the_same_key_and_bytes(erp, trouble):
    erp.script = [trouble, 200]
    delivery = delivered(webhook(erp.url))
    assert (delivery.state, delivery.attempts) == ("pending", 1)
    assert delivery.last_error
    assert abs(delivery.next_try_at - timezone.now() - timedelta(seconds=outbox.BACK_OFF[0])) < timedelta(seconds=10)
    assert delivered(delivery).attempts == 1  # not due yet
    due_again(delivery)
    assert delivered(delivery).state == "delivered"
    assert (delivery.attempts, delivery.last_error) == (2, "")
    assert erp.calls[0][2] == erp.calls[1][2]
    assert list(erp.accepted) == ["erp-webhook-1"]


@pytest.mark.parametrize("status", [400, 401, 404, 422, 302])
def test_a_no_is_a_no(erp, status):
    erp.script = [status]
    delivery = delivered(webhook(erp.url))
    assert (delivery.state, delivery.attempts) == ("failed", 1)
    assert str(status) in delivery.last_error


def test_an_answer_that_never_ends_does_not_hold_the_worker(erp):
    erp.script = ["drip"]
    started = timezone.now()
    assert delivered(webhook(erp.url)).state == "delivered"
    assert timezone.now() - started < timedelta(seconds=5)


def test_nobody_listening_is_tried_again():
    delivery = delivered(webhook(f"http://127.0.0.1:{free_port()}/"))
    assert delivery.state == "pending"


def test_an_impossible_address_is_an_error_not_a_crash():
    assert delivered(webhook("http://[::1/")).state == "pending"


def test_after_the_last_try_a_person_is_asked_and_may_send_again(erp, cast):
    erp.script = [500]
    delivery = webhook(erp.url)
    for _try in range(len(outbox.BACK_OFF) + 1):
        due_again(delivery)
        delivered(delivery)
    assert (delivery.state, delivery.attempts) == ("failed", len(outbox.BACK_OFF) + 1)
    erp.script = [200]
    delivery.resend(by=cast.manager)
    assert delivered(delivery).state == "delivered"


def test_an_orphan_of_a_dead_worker_is_sent_again_by_the_same_key(erp):
    delivery = webhook(erp.url)
    delivery.start(by=access.JOB)  # the worker died here
    outbox.deliver_due()
    delivery.refresh_from_db()
    assert delivery.state == "in_flight"  # as far as anybody knows it is just getting under way
    due_again(delivery)
    outbox.deliver_due()
    delivery.refresh_from_db()
    assert delivery.state == "delivered"


def test_mail_arrives_whole(mail):
    delivery = delivered(letter())
    message = message_from_bytes(mail.messages[0])
    assert delivery.state == "delivered"
    assert message["Subject"] == "Order confirmed"
    assert message["Message-ID"].startswith("<mail-1@")
    kinds = [part.get_content_type() for part in message.walk()]
    assert {"text/plain", "text/html", "application/pdf"} <= set(kinds)


def test_a_refused_recipient_is_final(mail):
    mail.refused = {"wrong@example.it"}
    delivery = delivered(letter("wrong@example.it"))
    assert delivery.state == "failed"
    assert "wrong@example.it" in delivery.last_error


@pytest.mark.parametrize(("answer", "state"), [("451 try later", "pending"), ("554 spam", "failed")])
def test_the_servers_word_decides(mail, answer, state):
    mail.answer = answer
    assert delivered(letter()).state == state
    assert mail.messages == []


def test_a_line_that_breaks_after_the_message_is_never_repeated_by_itself(mail):
    mail.answer = "hang up"
    delivery = delivered(letter())
    assert delivery.state == "failed"
    assert "may have arrived" in delivery.last_error
    outbox.deliver_due()
    assert len(mail.messages) == 1


def test_an_orphaned_mail_asks_a_person(mail):
    delivery = letter()
    delivery.start(by=access.JOB)
    due_again(delivery)
    outbox.deliver_due()
    delivery.refresh_from_db()
    assert (delivery.state, mail.messages) == ("failed", [])
    assert "may have arrived" in delivery.last_error


def test_a_mail_server_that_is_away_is_tried_again(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    assert get_connection().host == "127.0.0.1"
    assert delivered(letter()).state == "pending"

"""Webhooks: told once, signed, only of what their owner may see, never into our own network. The receiver is a real server."""

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from core import outbox, webhooks
from core.models import Delivery, Event, Webhook
from core.outbox import DeliveryFailed
from tests import factories

LONG_AGO = timezone.now() - timedelta(days=1)


class Receiver(BaseHTTPRequestHandler):
    """Answers as the path says: /200/, /500/, /302/, /drip/ (never ends), /hang/, /break/."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.path, dict(self.headers), body))
        how = self.path.strip("/")
        if how == "break":
            self.connection.close()
            return
        if how == "hang":
            time.sleep(2)
        self.send_response(int(how) if how.isdigit() else 200)
        if how == "302":
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/200/")
        self.end_headers()
        if how == "drip":
            while not self.server.over:
                try:
                    self.wfile.write(b"x" * 100 + b"\0")
                except OSError:
                    return
        else:
            self.wfile.write(b"thank you\0")

    def log_message(self, *_args: Any) -> None:
        return None


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.seen, server.over, server.daemon_threads = [], False, True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.over = True
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def ask_anew():
    webhooks.forget()
    yield
    webhooks.forget()


@pytest.fixture
def hook_of(cast):
    def make(owner=None, url="https://example.com/hook/", events=(), **values):
        hook = Webhook.objects.create(
            name="Hook", url=url, event_names=list(events), owner=owner or cast.admin, active_since=LONG_AGO, **values
        )
        webhooks.forget()
        return hook

    return make


def happen(cast, **values):
    lead = factories.LeadFactory(**{"owner": cast.sales, "state": "working", **values})
    lead.lose(by=cast.sales, reason="price")
    return lead


class TestWhatIsTold:
    def test_one_delivery_per_event_and_subscriber_once(self, cast, hook_of):
        one, two = hook_of(), hook_of(events=["lead.lost"])
        hook_of(events=["quote.accepted"])
        hook_of(is_active=False)
        lead = happen(cast)
        event = Event.objects.get(name="lead.lost")
        assert event.dispatched_at is None
        outbox.relay()
        outbox.relay()
        webhooks.tell(event)
        keys = set(Delivery.objects.filter(channel="webhook").values_list("key", flat=True))
        assert keys == {f"hook-{one.pk}-{event.pk}", f"hook-{two.pk}-{event.pk}"}
        delivery = Delivery.objects.first()
        assert delivery.subject == lead
        body = delivery.payload["body"]
        assert (body["id"], body["type"], body["actor"], body["from"], body["to"]) == (
            event.pk, "lead.lost", "Sales Test", "working", "lost",
        )  # fmt: skip
        assert body["object"]["url"] == f"/api/v1/leads/{lead.pk}/"
        assert body["object"]["state"] == "lost"

    def test_nobody_listens_nothing_waits(self, cast):
        factories.LeadFactory(state="lost", owner=cast.sales).reopen(by=cast.sales)
        assert Event.objects.get(name="lead.reopened").dispatched_at is not None

    def test_what_was_before_is_not_told(self, cast, hook_of):
        hook = hook_of()
        Webhook.objects.filter(pk=hook.pk).update(active_since=timezone.now() + timedelta(seconds=5))
        happen(cast)
        outbox.relay()
        assert not Delivery.objects.exists()

    def test_switched_on_it_counts_from_when_no_process_can_have_missed_it(self, cast, hook_of):
        hook = Webhook.objects.create(name="x", url="https://example.com", owner=cast.admin)
        assert hook.active_since > timezone.now()
        hook.is_active = False
        hook.save()
        assert hook.active_since is None

    def test_a_subscriber_is_told_what_its_owner_sees(self, cast, hook_of):
        hook_of(owner=cast.sales2)
        hook_of(owner=cast.nobody)
        hook_of(owner=cast.accountant)
        mine = hook_of(owner=cast.sales)
        happen(cast)
        outbox.relay()
        assert [d.payload["webhook"] for d in Delivery.objects.filter(channel="webhook")] == [mine.pk]

    def test_nor_costs(self, cast, hook_of, caller_of):
        plain, full = hook_of(owner=cast.sales), hook_of(owner=cast.admin)
        project = factories.ProjectFactory(owner=cast.sales)
        from core import history

        history.record("project.tested", project, by=cast.admin)
        outbox.relay()
        found = {d.payload["webhook"]: d.payload["body"]["object"] for d in Delivery.objects.filter(channel="webhook")}
        assert "budget" in found[full.pk]
        assert plain.pk not in found or "budget" not in found[plain.pk]

    def test_the_owner_left(self, cast, hook_of):
        hook_of(owner=cast.sales)
        cast.sales.is_active = False
        cast.sales.save()
        lead = factories.LeadFactory(state="working")
        lead.lose(by=cast.admin, reason="price")
        outbox.relay()
        assert not Delivery.objects.exists()

    def test_deliveries_tell_of_no_deliveries(self, cast, hook_of, receiver):
        hook_of(url=f"http://127.0.0.1:{receiver.server_port}/200/")
        happen(cast)
        for _ in range(3):
            outbox.relay()
            outbox.deliver_due()
        assert Delivery.objects.count() == 1
        assert Delivery.objects.get().state == "delivered"

    def test_a_broken_subscriber_takes_nobody_along(self, cast, hook_of, monkeypatch):
        """What fails in the relay is kept with its error, and tried again: nothing is lost."""
        hook_of()
        happen(cast)
        monkeypatch.setattr(webhooks, "message", lambda *_: 1 / 0)
        outbox.relay()
        event = Event.objects.get(name="lead.lost")
        assert event.dispatched_at is None
        assert "ZeroDivisionError" in event.last_error
        monkeypatch.undo()
        outbox.retry(Event.objects.all())
        outbox.relay()
        assert Delivery.objects.filter(channel="webhook").count() == 1


class TestOnTheWay:
    def send(self, cast, hook_of, receiver, how):
        hook = hook_of(url=f"http://localhost:{receiver.server_port}/{how}/", events=["lead.lost"])
        happen(cast)
        outbox.relay()
        delivery = Delivery.objects.get(channel="webhook")
        outbox.deliver(delivery.pk)
        delivery.refresh_from_db()
        return hook, delivery

    @pytest.mark.parametrize("known", [["::1", "127.0.0.1"], ["127.0.0.1", "::1"]])
    def test_where_one_of_two_addresses_answers_it_arrives_once(self, cast, hook_of, receiver, monkeypatch, known):
        found = [(0, 0, 0, "", (address, receiver.server_port)) for address in known]
        lookup = SimpleNamespace(getaddrinfo=lambda *_a, **_k: found, SOCK_STREAM=socket.SOCK_STREAM)
        monkeypatch.setattr(webhooks, "socket", lookup)  # the request itself goes through the real one
        _hook, delivery = self.send(cast, hook_of, receiver, "200")
        assert delivery.state == "delivered"
        assert len(receiver.seen) == 1

    def test_signed_with_id_and_time(self, cast, hook_of, receiver):
        hook, delivery = self.send(cast, hook_of, receiver, "200")
        assert delivery.state == "delivered"
        ((_path, headers, body),) = receiver.seen
        headers = {name.lower(): value for name, value in headers.items()}
        assert headers["webhook-id"] == headers["idempotency-key"] == delivery.key
        assert abs(int(headers["webhook-timestamp"]) - time.time()) < 30
        assert headers["host"] == f"localhost:{receiver.server_port}"
        key = base64.b64decode(hook.secret.removeprefix("whsec_"))
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{wanted}"
        assert json.loads(body) == delivery.payload["body"]

    @pytest.mark.parametrize(
        ("how", "state"),
        [("500", "pending"), ("429", "pending"), ("break", "pending"), ("302", "failed"), ("404", "failed"),
         ("410", "failed"), ("drip", "delivered"), ("204", "delivered")],
    )  # fmt: skip
    def test_a_receiver_that_misbehaves(self, cast, hook_of, receiver, how, state):
        _hook, delivery = self.send(cast, hook_of, receiver, how)
        assert delivery.state == state, delivery.last_error
        assert len(receiver.seen) == 1, "redirects are not followed"
        assert "\0" not in delivery.answer + delivery.last_error
        assert len(delivery.answer) < 3000

    def test_one_that_hangs_is_left(self, cast, hook_of, receiver, monkeypatch):
        from core import channels

        monkeypatch.setattr(channels, "TIMEOUT", 0.3)
        _hook, delivery = self.send(cast, hook_of, receiver, "hang")
        assert delivery.state == "pending"

    def test_tried_again_and_sent_again_with_the_same_id(self, cast, hook_of, receiver):
        hook, delivery = self.send(cast, hook_of, receiver, "500")
        Webhook.objects.filter(pk=hook.pk).update(url=f"http://localhost:{receiver.server_port}/200/")
        delivery.resend(by=cast.admin)
        outbox.deliver(delivery.pk)
        delivery.refresh_from_db()
        assert delivery.state == "delivered"
        ids = {headers["webhook-id"] for _path, headers, _body in receiver.seen}
        assert (len(receiver.seen), len(ids)) == (2, 1)

    def test_not_once_it_is_switched_off(self, cast, hook_of, receiver):
        hook, delivery = self.send(cast, hook_of, receiver, "500")
        Webhook.objects.filter(pk=hook.pk).update(is_active=False)
        delivery.resend(by=cast.admin)
        outbox.deliver(delivery.pk)
        delivery.refresh_from_db()
        assert delivery.state == "failed"
        assert len(receiver.seen) == 1


class TestOurOwnNetwork:
    @pytest.mark.parametrize(
        "url",
        [
            "http://example.com/", "https://127.0.0.1/", "https://localhost/x", "https://10.1.2.3/", "https://[::1]/",
            "https://169.254.169.254/latest/", "https://192.168.0.1", "https://[::ffff:127.0.0.1]/", "https://0.0.0.0/",
            "https://[64:ff9b::7f00:1]/", "https://[fe80::1]/", "https://user:pw@example.com/", "ftp://example.com/",
            "https://224.0.0.1/", "https://[2002:7f00:1::]/", "https://example.com:99999/",
        ],
    )  # fmt: skip
    def test_such_an_address_is_refused(self, url):
        with pytest.raises(ValidationError):
            webhooks.check_address(url)
        with pytest.raises(DeliveryFailed):
            webhooks.pinned(url)

    def test_a_name_that_leads_there_is_refused_when_it_is_called(self, monkeypatch):
        monkeypatch.setattr(webhooks.socket, "getaddrinfo", lambda *_a, **_k: [(0, 0, 0, "", ("10.0.0.7", 443))])
        with pytest.raises(DeliveryFailed) as error:
            webhooks.pinned("https://innocent.example/")
        assert error.value.final

    def test_what_was_judged_is_what_is_called(self, monkeypatch):
        monkeypatch.setattr(webhooks.socket, "getaddrinfo", lambda *_a, **_k: [(0, 0, 0, "", ("93.184.215.14", 443))])
        assert webhooks.pinned("https://example.com/a?b=c") == (["https://93.184.215.14:443/a?b=c"], "example.com")

    def test_of_each_kind_of_address_one_is_tried(self, monkeypatch):
        known = ["2606:2800:21f:cb07::1", "2606:2800:21f:cb07::2", "93.184.215.14", "93.184.215.15"]
        found = [(0, 0, 0, "", (address, 443)) for address in known]
        monkeypatch.setattr(webhooks.socket, "getaddrinfo", lambda *_a, **_k: found)
        urls, _host = webhooks.pinned("https://example.com/")
        assert urls == ["https://[2606:2800:21f:cb07::1]:443/", "https://93.184.215.14:443/"]

    def test_a_name_that_leads_nowhere_is_tried_again(self):
        with pytest.raises(DeliveryFailed) as error:
            webhooks.pinned("https://nowhere.invalid/")
        assert not error.value.final


class TestPages:
    def form(self, cast, **values):
        return {"name": "Shop", "url": "https://example.com/h", "is_active": "on", "owner": cast.admin.pk} | values

    def test_only_for_administrators(self, cast, client_of, hook_of, client):
        hook = hook_of()
        for name in ("sales", "manager", "accountant", "hr", "nobody"):
            browser = client_of(getattr(cast, name))
            assert browser.get("/webhooks/").status_code == 403
            assert browser.get(f"/webhooks/{hook.pk}/").status_code == 403
            assert browser.post(f"/webhooks/{hook.pk}/test/").status_code == 403
            assert browser.post(f"/webhooks/{hook.pk}/secret/").status_code == 403
            assert browser.post("/webhooks/new/", self.form(cast)).status_code == 403
        assert client.get("/webhooks/").status_code == 302
        assert Webhook.objects.count() == 1

    def test_the_secret_is_shown_once(self, cast, client_of):
        browser = client_of(cast.admin)
        response = browser.post("/webhooks/new/", self.form(cast, event_names=["lead.lost"]))
        hook = Webhook.objects.get()
        assert response.status_code == 201
        assert hook.secret in response.content.decode()
        assert hook.event_names == ["lead.lost"]
        for page in (f"/webhooks/{hook.pk}/", f"/webhooks/{hook.pk}/edit/", "/webhooks/"):
            shown = browser.get(page)
            assert shown.status_code == 200
            assert hook.secret not in shown.content.decode()
        renewed = browser.post(f"/webhooks/{hook.pk}/secret/")
        old = hook.secret
        hook.refresh_from_db()
        assert hook.secret != old
        assert hook.secret in renewed.content.decode()

    @pytest.mark.parametrize(
        "wrong",
        [
            {"url": "https://127.0.0.1/"},
            {"url": "http://example.com"},
            {"event_names": ["lead.exploded"]},
            {"name": ""},
        ],
    )
    def test_nonsense_is_told(self, cast, client_of, wrong):
        assert client_of(cast.admin).post("/webhooks/new/", self.form(cast, **wrong)).status_code == 422
        assert not Webhook.objects.exists()

    def test_a_test_is_sent_and_seen(self, cast, client_of, hook_of, receiver):
        hook = hook_of(url=f"http://127.0.0.1:{receiver.server_port}/200/", is_active=False)
        browser = client_of(cast.admin)
        assert browser.post(f"/webhooks/{hook.pk}/test/").status_code == 302
        outbox.deliver_due()
        assert json.loads(receiver.seen[0][2])["type"] == "webhook.test"
        shown = browser.get(f"/webhooks/{hook.pk}/").content.decode()
        assert "webhook.test" in shown
        assert "thank you" in shown

    def test_the_history_keeps_no_secret(self, cast, hook_of):
        hook = hook_of()
        kept = [field.name for field in hook.pgh_event_model._meta.fields]
        assert "url" in kept
        assert "secret" not in kept

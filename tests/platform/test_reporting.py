"""Unforeseen errors reach an error tracker over real HTTP; what people typed does not."""

import gzip
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module

import pytest

#: How the client packs what it sends: better where it finds brotli.
_UNPACK = {"br": lambda sent: import_module("brotli").decompress(sent), "gzip": gzip.decompress}

_SCRIPT = """
import sys
from zencrm.wsgi import application
from django.http import HttpResponse
from django.test import Client, override_settings
from django.urls import path

def fail(request, key):
    typed = request.POST["name"]
    raise ZeroDivisionError(f"{typed} was not foreseen")

urlpatterns = [path("fail/<str:key>/", fail)]
handler500 = "zencrm.errors.server_error"
client = Client(raise_request_exception=False, headers={"user-agent": "Lynx"})
with override_settings(ROOT_URLCONF="__main__", ALLOWED_HOSTS=["testserver"]):
    answer = client.post("/fail/s3cret/?q=Bianchi", {"name": "Rossi"})
print(answer.status_code, answer["X-Request-ID"], "sentry_sdk" in sys.modules)
"""


@pytest.fixture
def tracker():
    """A receiver of envelopes, as error trackers are: (address, the events it was told)."""
    events = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            lines = _UNPACK[self.headers["Content-Encoding"]](sent).splitlines()
            events.extend(each for each in map(json.loads, lines) if "exception" in each)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://key@127.0.0.1:{server.server_port}/1", events
        server.shutdown()


def fail(dsn):
    """A page fails in a process of its own: its status, the request's id, and whether the client was loaded."""
    environment = os.environ | {"SENTRY_DSN": dsn}
    ran = subprocess.run([sys.executable, "-c", _SCRIPT], check=True, capture_output=True, text=True, env=environment)
    return ran.stdout.split()


def test_an_unforeseen_error_is_told_with_the_id_of_its_request(tracker):
    dsn, events = tracker

    status, request_id, _loaded = fail(dsn)

    assert status == "500"
    (event,) = events
    (error,) = event["exception"]["values"]
    assert error["type"] == "ZeroDivisionError"
    assert error["stacktrace"]["frames"][-1]["function"] == "fail"
    assert event["tags"]["request_id"] == request_id
    assert event["transaction"] == "/fail/{key}/"


def test_nothing_that_people_typed_is_told(tracker):
    dsn, events = tracker

    fail(dsn)

    told = json.dumps(events)
    assert "ZeroDivisionError" in told
    assert not [word for word in ("Rossi", "Bianchi", "s3cret", "Lynx") if word in told]


def test_a_house_without_a_tracker_carries_no_client_for_one():
    assert fail("")[2] == "False"

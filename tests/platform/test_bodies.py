"""Requests that are too large, against the production web server: refused before they are read, with no memory taken."""

import json
import socket
import subprocess
import sys
import time
from datetime import timedelta

import psutil
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from core.models import ApiToken
from leads.models import Lead
from tests.servers import free_port
from zencrm.demo_server import FRUGAL, WEB_OPTIONS

LIMIT = settings.UPLOAD_MOST_BYTES
STEP = b"x" * 65536
#: Megabytes that a worker may take while somebody sends it 300 of them.
ROOM = 25


@pytest.fixture
def web(process_environ):
    """The web server as it is installed, with this test's database."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--host", "127.0.0.1", "--port", str(port), *WEB_OPTIONS]
    server = subprocess.Popen(command, env={**process_environ, **FRUGAL}, cwd=settings.BASE_DIR)
    try:
        for _attempt in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(30)


def megabytes(server):
    return max(child.memory_info().rss for child in server.children(recursive=True)) / 1e6


def sent(port, path, body=(), **headers):
    """(status line and headers, body) of the answer, the bytes that were sent; sends until the server hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        known = {"Host": "127.0.0.1", "Connection": "close"} | {k.replace("_", "-"): v for k, v in headers.items()}
        head = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in known.items())]
        line.sendall("\r\n".join([*head, "", ""]).encode())
        count = 0
        try:
            for piece in body:
                line.sendall(piece)
                count += len(piece)
        except OSError:
            pass
        found = b""
        while data := line.recv(65536):
            found += data
    top, _empty, rest = found.decode().partition("\r\n\r\n")
    return top, rest, count


def pieces(total):
    for _number in range(total // len(STEP)):
        yield b"10000\r\n" + STEP + b"\r\n"
    yield b"0\r\n\r\n"


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_what_is_too_large_is_refused_unread(web, cast):
    port, server = web
    top, page, _count = sent(port, "/account/login/", Content_Length=LIMIT + 1, Accept_Language="it")
    assert " 413 " in top.splitlines()[0]
    assert '<html lang="it"' in page and "al massimo 300 MB" in page
    before = megabytes(server)
    endless = (STEP for _number in range(2 * LIMIT // len(STEP)))
    top, page, count = sent(port, "/imports/new/", endless, Content_Length=2 * LIMIT, Accept_Language="en")
    assert " 413 " in top.splitlines()[0] and "At most 300 MB" in page
    assert count < LIMIT / 10
    top, problem, _count = sent(port, "/api/v1/leads/", Content_Length=LIMIT + 1, Accept_Language="it")
    assert "application/problem+json" in top
    assert '"status": 413' in problem and "al massimo 300 MB" in problem
    top, page, count = sent(port, "/account/login/", pieces(LIMIT + 64 * len(STEP)), Transfer_Encoding="chunked")
    assert " 413 " in top.splitlines()[0], top
    assert count > LIMIT * 0.95
    taken = megabytes(server) - before
    assert taken < ROOM, taken


@pytest.mark.servers
@pytest.mark.django_db(transaction=True)
def test_a_body_in_pieces_is_read_as_any_other(web, cast):
    port, _server = web
    expires_at = timezone.now() + timedelta(days=1)
    _token, plain = ApiToken.issue(user=cast.sales, name="x", scope="write", expires_at=expires_at)
    body = json.dumps({"last_name": "Neri", "company_name": "Torneria Alfa"}).encode()
    chunks = [b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:10], body[10:])]
    headers = {"Authorization": f"Bearer {plain}", "Content_Type": "application/json", "Transfer_Encoding": "chunked"}
    top, answer, _count = sent(port, "/api/v1/leads/", [*chunks, b"0\r\n\r\n"], **headers)
    assert " 201 " in top.splitlines()[0], answer
    assert Lead.objects.get().last_name == "Neri"


@pytest.mark.parametrize(("length", "status"), [("6", 413), ("5", 405), ("five", 405), ("-6", 405)])
def test_the_limit_is_the_last_that_passes(settings, length, status):
    settings.UPLOAD_MOST_BYTES = 5
    assert Client().post("/healthz", b"", content_type="text/plain").status_code == 200  # stands before it
    found = Client().put("/keyboard/", b"", content_type="text/plain", headers={"Content-Length": length})
    assert (found.status_code == 413) is (status == 413)

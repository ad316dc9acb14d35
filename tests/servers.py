"""Real servers on the loopback that misbehave on purpose: an ERP that takes webhooks, mail servers for both ways."""

import imaplib
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class Erp:
    """Counts calls by idempotency key and drops repetitions, as an ERP does.

    `script` is played one entry per call (the last one for ever): a status, "close", "slow" (waits for `go`), "drip" (an
    answer that never ends).
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, str], bytes]] = []
        self.accepted: dict[str, bytes] = {}
        self.script: list[Any] = [200]
        self.called, self.go = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.erp = self  # type: ignore[attr-defined]
        self.server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/orders"

    @property
    def counts(self) -> Counter[str]:
        return Counter(key for key, _headers, _body in self.calls)

    def next_step(self, key: str, headers: dict[str, str], body: bytes) -> Any:
        with self._lock:
            self.calls.append((key, headers, body))
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def __enter__(self) -> "Erp":
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_args: object) -> None:
        self.go.set()
        self.server.shutdown()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    """Plays the script of the ERP it belongs to."""

    def do_POST(self) -> None:
        erp: Erp = self.server.erp  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key = self.headers["Idempotency-Key"]
        step = erp.next_step(key, dict(self.headers), body)
        erp.called.set()
        if step == "slow":
            erp.go.wait(30)
            step = 200
        with suppress(OSError):  # the caller was killed, or has had enough
            if step == "close":
                self.connection.shutdown(socket.SHUT_RDWR)
            elif step == "drip":
                self._drip(erp)
            else:
                self._answer(erp, key, body, step)

    def _answer(self, erp: Erp, key: str, body: bytes, status: int) -> None:
        if status < 300:
            erp.accepted.setdefault(key, body)
        text = b'{"number": "SO-1"}' if status < 300 else b"no"
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _drip(self, erp: Erp) -> None:
        self.send_response(200)
        self.end_headers()
        while not erp.go.is_set():
            self.wfile.write(b".")
            self.wfile.flush()
            time.sleep(0.05)

    def log_message(self, *_args: Any) -> None:
        """Silence."""


class Mailbox:
    """What a real SMTP server received. `answer` to DATA; "hang up" closes the line after the message was taken."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.answer = "250 OK"
        self.refused: set[str] = set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self.refused:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        if self.answer == "hang up":
            self.messages.append(envelope.content)
            server.transport.close()
            return "250 OK"
        if self.answer.startswith("250"):
            self.messages.append(envelope.content)
        return self.answer


@contextmanager
def mail_server() -> Iterator[tuple[Mailbox, int]]:
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield mailbox, controller.port
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class ImapBox:
    """A mailbox on a real IMAP server in a process of its own."""

    port: int

    @property
    def url(self) -> str:
        return f"imap://demouser:demopass@127.0.0.1:{self.port}/INBOX"

    @contextmanager
    def opened(self) -> Iterator[imaplib.IMAP4]:
        connection = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        connection.login("demouser", "demopass")
        connection.select("INBOX")
        try:
            yield connection
        finally:
            connection.logout()

    def put(self, message: bytes) -> None:
        """What a mail server does with a message that comes in."""
        with self.opened() as connection:
            connection.append("INBOX", "", "", message)

    def unread(self) -> int:
        with self.opened() as connection:
            return len(connection.search(None, "UNSEEN")[1][0].split())

    def empty(self) -> None:
        with self.opened() as connection:
            connection.store("1:*", "+FLAGS", r"(\Deleted)")
            connection.expunge()


@contextmanager
def imap_server(certificate: Any = None) -> Iterator[ImapBox]:
    """With a certificate (`tests.tls`) it offers STARTTLS."""
    port = free_port()
    program = str(Path(sys.executable).with_name("pymap"))
    secure = ["--cert", str(certificate.cert), "--key", str(certificate.key)] if certificate else ["--no-tls"]
    command = [program, "--host", "127.0.0.1", "--port", str(port), *secure, "dict", "--demo-data"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    box = ImapBox(port)
    try:
        for _attempt in range(300):
            try:
                box.empty()
                break
            except OSError:
                time.sleep(0.1)
        else:
            raise AssertionError("the IMAP server does not start")
        yield box
    finally:
        server.terminate()
        server.wait(10)


class PostOffice:
    """A mail server that puts what it is given into an IMAP mailbox."""

    def __init__(self, box: ImapBox) -> None:
        self.box = box

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        to = "".join(f"Delivered-To: {address}\r\n" for address in envelope.rcpt_tos)
        self.box.put(to.encode() + envelope.content)
        return "250 OK"


@contextmanager
def post_office(box: ImapBox) -> Iterator[int]:
    controller = Controller(PostOffice(box), hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield int(controller.port)
    finally:
        controller.stop()

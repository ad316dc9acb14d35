"""A request has an id: in the answer's header, in every log line, on the error page."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
import structlog
from django.test import Client

from zencrm.logs import logging_config


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What machines read: our JSON configuration, printing into memory."""
    out = io.StringIO()
    config = logging_config(as_json=True, level="INFO")
    config["handlers"]["stderr"]["stream"] = out
    root = logging.getLogger()
    before = root.handlers[:]
    logging.config.dictConfig(config)
    yield out
    root.handlers = before


def parsed(lines: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_one_line_per_request_with_its_id(client: Client, lines: io.StringIO, db: None) -> None:
    response = client.get("/no-such-page/?q=secret")
    line = next(line for line in parsed(lines) if line["event"] == "request")
    assert line["request_id"] == response["X-Request-ID"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/no-such-page/", 404)
    assert "secret" not in json.dumps(line)


def test_a_line_says_what_it_is_about(lines: io.StringIO) -> None:
    logging.getLogger("core.outbox.posting").warning("delivery failed", extra={"delivery": 42})
    logging.getLogger("celery.app.trace").warning("task failed", extra={"data": {"args": "secret"}})
    ours, theirs = parsed(lines)
    assert (ours["event"], ours["delivery"]) == ("delivery failed", 42)
    assert theirs["event"] == "task failed"
    assert "secret" not in json.dumps(theirs)


def test_a_page_that_is_refused_is_a_line_without_a_traceback(cast, client_of, lines: io.StringIO) -> None:
    assert client_of(cast.care).get("/leads/new/").status_code == 403
    refused = next(line for line in parsed(lines) if line["logger"] == "django.request")
    assert "/leads/new/" in str(refused["event"])
    assert "exception" not in refused


def test_the_id_of_the_balancer_is_kept(client: Client, db: None) -> None:
    assert (
        client.get("/no-such-page/", headers={"x-request-id": "edge-1234567890"})["X-Request-ID"] == "edge-1234567890"
    )


@pytest.mark.parametrize("given", ["short", "x" * 81, "<script>alert(1)</script>", "a b c d e f g h"])
def test_an_implausible_id_is_replaced(client: Client, db: None, given: str) -> None:
    found = client.get("/no-such-page/", headers={"x-request-id": given})["X-Request-ID"]
    assert found != given
    assert len(found) == 32


def test_what_is_bound_in_a_request_is_gone_in_the_next(client: Client, db: None) -> None:
    first = client.get("/no-such-page/")["X-Request-ID"]
    structlog.contextvars.bind_contextvars(left="behind")
    second = client.get("/no-such-page/")["X-Request-ID"]
    assert second != first
    assert structlog.contextvars.get_contextvars() == {"request_id": second}


def test_an_exception_becomes_one_line_with_its_traceback(lines: io.StringIO) -> None:
    try:
        raise ValueError("què?")
    except ValueError:
        logging.getLogger("zencrm.test").exception("It broke")
    (line,) = parsed(lines)
    assert line["event"] == "It broke"
    assert line["level"] == "error"
    assert "què?" in json.dumps(line, ensure_ascii=False)

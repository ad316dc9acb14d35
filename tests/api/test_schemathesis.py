"""Schemathesis invents requests from the description of the API; each answer has to be one that the description announces."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, reset_queries
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from activities.models import Note
from core.api import openapi
from core.models import CustomField, File
from leads.models import Lead
from tests.api.test_reading import make
from tests.core.fields import make_field, make_tags
from zencrm.api import APIS

#: Invented requests per operation: valid ones, and ones that are wrong on purpose.
EXAMPLES = 4
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
#: Notes are no document, but have addresses of their own.
PREFIXES = [*(api.prefix for api in APIS), "notes"]


@pytest.fixture
def open_connection() -> Iterator[None]:
    """The server closes its connection after each request; a test's transaction lives on the same one."""
    handlers = [(signals.request_started, reset_queries)]
    handlers += [(signal, close_old_connections) for signal in (signals.request_started, signals.request_finished)]
    for signal, handler in handlers:
        signal.disconnect(handler)
    with contextlib.ExitStack() as stack:
        for signal, handler in handlers:
            stack.callback(signal.connect, handler)
        yield


@pytest.fixture
def described(open_connection: None, db: None) -> Any:
    for kind in CustomField.Kind.values:
        choices = ["Steel", "Food"] if kind == "choice" else []
        make_field(Lead, f"own_{kind}", kind, choices=choices, required=kind == "text")
    make_tags("Fair", "Partner")
    if not _described:  # the same for every test, and half a second each time
        _described.append(schemathesis.openapi.from_dict(openapi.schema()))
    return _described[0]


_described: list[Any] = []


def known_record(prefix: str, owner: Any) -> Any:
    if prefix != "notes":
        return make(prefix, owner)
    lead = make("leads", owner)
    note = Note.objects.create(subject=lead, body="Called", author=owner)
    note.files.add(File.store(name="a.txt", mime="text/plain", content=b"a"))
    return note


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_answer_is_an_announced_one(cast, caller_of, described, prefix, settings_of_brakes):
    """As the administrator, who is refused nothing for want of a right, on records that are there and ids that are not."""
    headers = dict(caller_of(cast.admin).headers)
    record = known_record(prefix, cast.sales)
    app = get_wsgi_application()
    asked = 0

    def check(operation: Any, mode: GenerationMode) -> None:
        @seed(20261122)
        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            if "id" in case.path_parameters and asked % 4:
                case.path_parameters["id"] = record.pk
            if "Idempotency-Key" in case.headers:
                case.headers["Idempotency-Key"] += (
                    f"-{asked}"  # else the second request were only told that it is another one
                )
            case.headers.update(headers)
            response = case.call(app=app, base_url="http://testserver")
            case.validate_response(response, checks=CHECKS)

        ask()

    for result in described.include(path_regex=f"^/api/v1/{prefix}/").get_all_operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            check(result.ok(), mode)
    assert asked >= EXAMPLES


@pytest.fixture
def settings_of_brakes(settings: Any) -> None:
    settings.API_READS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 100_000
    settings.ALLOWED_HOSTS = ["*"]

"""Error pages: they show the request's id, and a broken page is a page all the same."""

import logging
from types import ModuleType

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from zencrm import urls as real


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("on purpose")


def closed(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Only the <b>manager</b> may see this.")


def strange(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("strange")


@pytest.fixture
def asking(settings, client: Client, db: None) -> Client:
    urls = ModuleType("tests.error_urls")
    urls.urlpatterns = [path("broken/", broken), path("closed/", closed), path("strange/", strange), *real.urlpatterns]
    for name in ("handler400", "handler403", "handler404", "handler500"):
        setattr(urls, name, getattr(real, name))
    settings.ROOT_URLCONF = urls
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(
    ("address", "status"), [("/strange/", 400), ("/closed/", 403), ("/nowhere/", 404), ("/broken/", 500)]
)
def test_the_page_names_the_request(asking: Client, address: str, status: int) -> None:
    response = asking.get(address)
    assert response.status_code == status
    assert response["X-Request-ID"] in response.text


def test_words_for_the_reader_are_shown_and_escaped(asking: Client) -> None:
    text = asking.get("/closed/").text
    assert "Only the &lt;b&gt;manager&lt;/b&gt; may see this." in text


def test_the_log_line_of_a_failure_has_the_traceback(asking: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        asking.get("/broken/")
    assert any(record.exc_info and record.exc_info[0] is ZeroDivisionError for record in caplog.records)


def test_a_form_without_its_token_is_refused_with_a_way_out(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/account/login/", {"login": "x"})
    assert response.status_code == 403
    assert response["X-Request-ID"] in response.text

"""The mailbox over TLS, both ways: with a server's own certificate, and refused where it is not the one that is trusted."""

import io
import logging
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command

from activities import mailbox
from activities.models import Email
from tests import tls
from tests.activities.mails import message
from tests.servers import imap_server

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def own(folder):
    return tls.make(folder, "own")


@pytest.fixture(scope="module")
def box(own):
    with imap_server(own) as found:
        yield found


@contextmanager
def speaking(kind, box, certificate):
    """The address of the mailbox, by TLS from the first byte or by STARTTLS."""
    if kind == "imap+tls":
        yield box.url.replace("imap://", "imap+tls://")
        return
    with tls.front(box.port, certificate) as port:
        yield f"imaps://demouser:demopass@127.0.0.1:{port}/INBOX"


@pytest.fixture(params=["imaps", "imap+tls"])
def address(request, box, own, settings):
    box.empty()
    with speaking(request.param, box, own) as url:
        settings.MAILBOX_URL = url
        yield url


def told(caplog):
    return " ".join(str(record.__dict__.get("error", "")) for record in caplog.records)


def test_a_certificate_of_ones_own_that_is_named_is_trusted(settings, box, own, address):
    settings.MAILBOX_CA = str(own.cert)
    box.put(message("over an encrypted line").as_bytes())
    answer = io.StringIO()
    call_command("check_mailbox", stdout=answer)
    assert "1 messages wait" in answer.getvalue()
    assert mailbox.read() == 1
    assert Email.objects.get().text.strip() == "over an encrypted line"


@pytest.mark.parametrize("trusted", ["the system's", "another's"])
def test_one_that_nobody_vouches_for_is_refused_in_words(settings, folder, box, address, trusted, caplog):
    settings.MAILBOX_CA = "" if trusted == "the system's" else str(tls.make(folder, "another").cert)
    box.put(message("secret").as_bytes())
    with caplog.at_level(logging.WARNING):
        assert mailbox.read() == 0
    assert "certificate of the mail server is refused" in told(caplog) and "MAILBOX_CA" in told(caplog)
    assert "demopass" not in told(caplog)
    with pytest.raises(CommandError, match="certificate of the mail server is refused"):
        call_command("check_mailbox")
    assert box.unread() == 1


@pytest.mark.parametrize(("facts", "words"), [({"address": "127.0.0.9"}, "mismatch"), ({"days": -1}, "expired")])
def test_one_of_another_host_or_of_yesterday_is_refused(settings, folder, box, facts, words):
    wrong = tls.make(folder, f"wrong-{words}", **facts)
    settings.MAILBOX_CA = str(wrong.cert)
    with tls.front(box.port, wrong) as port:
        settings.MAILBOX_URL = f"imaps://demouser:demopass@127.0.0.1:{port}/INBOX"
        with pytest.raises(CommandError, match=words):
            call_command("check_mailbox")


def test_starttls_never_becomes_a_plain_line(settings, own):
    settings.MAILBOX_CA = str(own.cert)
    with imap_server() as plain:
        settings.MAILBOX_URL = plain.url.replace("imap://", "imap+tls://")
        with pytest.raises(CommandError, match="TLS"):
            call_command("check_mailbox")


def test_a_file_of_trust_that_is_not_there_or_none_is_said(settings, tmp_path, address):
    (tmp_path / "none.pem").write_text("no certificate")
    for name in ("missing.pem", "none.pem"):
        settings.MAILBOX_CA = str(tmp_path / name)
        assert mailbox.read() == 0
        with pytest.raises(CommandError, match="MAILBOX_CA cannot be read"):
            call_command("check_mailbox")


def test_without_a_mailbox_the_check_says_so(settings):
    settings.MAILBOX_URL = ""
    with pytest.raises(CommandError, match="set MAILBOX_URL"):
        call_command("check_mailbox")

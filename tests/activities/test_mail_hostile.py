"""Whatever strangers send: judged, read as text, and never an error."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as fuzzing
from hypothesis import strategies as st

from activities.mail import parsing, sending
from activities.mail.receiving import Outcome, take_in
from tests.activities.mails import PDF, answer, taken
from tests.factories import LeadFactory

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


def test_attachments_are_judged_and_what_is_not_kept_is_named(sent, cast, client_of, lead):
    mail = answer(sent)
    mail.add_attachment(b"MZ\x90\0", maintype="application", subtype="pdf", filename="../../Rechnung.pdf")
    mail.add_attachment(b"<script>alert(1)</script>", maintype="text", subtype="html", filename="page.html")
    mail.add_attachment(PDF, maintype="application", subtype="octet-stream", filename="good.pdf")
    mail.add_attachment(b"", maintype="application", subtype="pdf", filename="empty.pdf")
    email = taken(mail)
    assert [file.name for file in email.files.all()] == ["good.pdf"]
    assert [name for name, _why in email.refused] == ["Rechnung.pdf", "page.html", "empty.pdf"]
    page = client_of(cast.sales).get(email.get_absolute_url()).text
    assert "Rechnung.pdf" in page and "Not kept" in page


def test_a_page_is_read_as_text_and_never_shown(sent, cast, client_of):
    mail = answer(sent)
    mail.set_content(
        "<html><head><style>p{}</style><title>t</title></head><body onload=alert(1)><p>Hello &amp; <b>good</b>"
        " day</p><script>alert(2)</script><p>Bye &lt;script&gt;alert(3)&lt;/script&gt;</p></body></html>",
        subtype="html",
    )
    email = taken(mail)
    assert email.text == "Hello & good day\n\nBye <script>alert(3)</script>"
    page = client_of(cast.sales).get(email.get_absolute_url()).text
    assert "<script>alert" not in page and "onload" not in page


HOSTILE = {
    "nothing": b"",
    "no headers": b"\n\nwords",
    "zero bytes": b"From: a@b.example\nSubject: a\0b\n\nwo\0rds",
    "unknown charset": b"From: a@b.example\nContent-Type: text/plain; charset=x-klingon\n\n\xff\xfe words",
    "wrong charset": b"From: a@b.example\nContent-Type: text/plain; charset=utf-16\n\nabc",
    "charset that is no text": b"From: a@b.example\nContent-Type: text/plain; charset=base64\n\nabc",
    "broken base64": b"From: a@b.example\nContent-Transfer-Encoding: base64\n\n!!!!===abc",
    "broken words": b"From: =?utf-8?b?!!!?= <a@b.example>\nSubject: =?x?q?=FF=?= =?utf-8?b?w6g\n\nx",
    "raw bytes in headers": b"From: \xe8\xe9 <a@b.example>\nSubject: \xff\xfe\xfd\n\nx",
    "no boundary": b"From: a@b.example\nContent-Type: multipart/mixed\n\n--x\n\nwords",
    "boundary never closed": b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nwords",
    "long subject": b"From: a@b.example\nSubject: " + b"x" * 100_000 + b"\n\nx",
    "long name": b"From: " + b"y" * 5000 + b" <a@b.example>\n\nx",
    "long address": b"From: " + b"z" * 5000 + b"@b.example\n\nx",
    "long id": b"From: a@b.example\nMessage-ID: <" + b"i" * 5000 + b">\n\nx",
    "many addresses": b"From: a@b.example\nTo: " + b",".join(b"a%d@b.example" % n for n in range(5000)) + b"\n\nx",
    "many references": b"From: a@b.example\nReferences: " + b" ".join(b"<%d@x>" % n for n in range(5000)) + b"\n\nx",
    "bad date": b"From: a@b.example\nDate: Mon, 99 Foo 99999 99:99:99 +9999\n\nx",
    "far date": b"From: a@b.example\nDate: Mon, 1 Jan 9999 00:00:00 +0000\n\nx",
    "no sender": b"Subject: x\n\nx",
    "two senders": b"From: a@b.example, c@d.example\nFrom: e@f.example\n\nx",
    "line breaks in the name": b"From: =?utf-8?q?a=0D=0ABcc:_x?= <a@b.example>\n\nx",
    "surrogates": b"From: a@b.example\nSubject: =?utf-16?b?2AA=?=\n\nx",
    "percent names": b"From: a@b.example\nContent-Type: application/pdf; name*=x'y'%ZZ%00.pdf\n\nx",
    "a mail in a mail": b"From: a@b.example\nContent-Type: message/rfc822\n\nFrom: c@d.example\n\nx",
    "half a page": b"From: a@b.example\nContent-Type: text/html\n\n<p><b <!-- <![CDATA[ &#xFFFFFFFF; &#0; <div",
    "one long line": b"From: a@b.example\n\n" + b"a" * 1_000_000,
    "many words": b"From: a@b.example\n\n" + b" ".join(b"w%d" % n for n in range(100_000)),
}  # fmt: skip


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_mail_is_kept_or_dropped_but_stops_nothing(cast, client_of, raw):
    outcome, email = take_in(raw)
    assert outcome is Outcome.KEPT
    email.refresh_from_db()
    assert len(email.text) <= 200_000 and len(email.title) <= 300
    assert "\n" not in email.title + email.sender_name
    page = client_of(cast.admin).get(email.get_absolute_url())
    assert page.status_code == 200
    assert client_of(cast.admin).get("/mail/").status_code == 200


def test_nesting_without_end(cast):
    deep = b"From: a@b.example\n"
    for number in range(3000):
        deep += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number)
    assert take_in(deep + b"\nwords")[0] is Outcome.KEPT


PIECES = st.sampled_from(
    [
        b"From: a@b.example\n", b"Subject: =?utf-8?q?x?=\n", b"Content-Type: multipart/mixed; boundary=x\n", b"\n", b"--x\n",
        b"--x--\n", b"Content-Type: text/html; charset=\xff\n", b"Content-Transfer-Encoding: base64\n", b"\0", b"\xff\xfe",
        b"Content-Disposition: attachment; filename*0*=utf-8''a%2e\n", b"Message-ID: <a@b>\n", b"Date: x\n", b"<p>", b"=3D",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\n", b"Content-Type: message/rfc822\n",
    ]
)  # fmt: skip


@fuzzing(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PIECES | st.binary(max_size=40), max_size=30).map(b"".join))
def test_no_bytes_break_the_reading(raw):
    found = parsing.parse(raw)
    assert found.message_id
    assert "\0" not in found.text + found.title + found.sender_name
    found.text.encode()

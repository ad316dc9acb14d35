"""E-mail from the record: templates with placeholders, the customer's language, a real mail server, and who may see it."""

from email import message_from_bytes, policy

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from activities.mail import letter, sending
from activities.models import Email, MailTemplate, Notification
from core import outbox
from core.models import Delivery
from core.uploads import Upload
from tests.factories import CompanyFactory, LeadFactory, QuoteFactory
from tests.servers import mail_server

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"


@pytest.fixture
def smtp(settings):
    """A real SMTP server on the loopback, and a mailbox for answers."""
    with mail_server() as (mailbox, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.DEFAULT_FROM_EMAIL = "ZenCRM <crm@aquaflux.example>"
        settings.MAIL_REPLY_ADDRESS = "crm@aquaflux.example"
        yield mailbox


@pytest.fixture
def lead(cast):
    return LeadFactory(
        owner=cast.sales, first_name="Giulia", last_name="Verdi", email="giulia@cliente.example", language="it",
        company_name="Cliente S.r.l.",
    )  # fmt: skip


@pytest.fixture
def template(db):
    return MailTemplate.objects.create(
        name="First contact",
        title_it="Il Suo interesse per {{ us.name }}",
        text_it="{{ recipient.greeting }}\n\ngrazie, {{ sender.name }}",
        title_en="Your interest",
        text_en="{{ recipient.greeting }}\n\nthank you.",
    )


def write_url(record):
    return reverse("activities:email_about", args=[record._meta.app_label, record._meta.model_name, record.pk])


def write(subject, by, **facts):
    known = {"to": ["a@b.example"], "title": "Hello", "text": "Words"}
    return sending.send_email(subject=subject, by=by, **known | facts)


def received(mailbox, place=-1):
    return message_from_bytes(mailbox.messages[place], policy=policy.default)


# --- Rights ---------------------------------------------------------------------------------------------------------------


def test_who_may_write(cast, client_of, lead):
    assert client_of(cast.sales2).get(write_url(lead)).status_code == 404  # another team's lead
    assert client_of(cast.nobody).get(write_url(lead)).status_code == 403
    assert client_of(cast.sales2).post(write_url(lead), {"to": "a@b.it", "title": "x", "text": "y"}).status_code == 404
    with pytest.raises(PermissionDenied):
        write(lead, cast.nobody)
    assert not Email.objects.exists()
    employee = reverse("activities:email_about", args=["activities", "email", 1])
    assert client_of(cast.sales).get(employee).status_code == 404


def test_who_may_read(cast, client_of, lead):
    email = write(lead, cast.sales, title="About pumps", files=[])
    url = email.get_absolute_url()
    assert client_of(cast.sales).get(url).status_code == 200
    assert client_of(cast.manager).get(url).status_code == 200
    assert client_of(cast.marketing).get(url).status_code == 200  # sees all leads
    assert client_of(cast.sales2).get(url).status_code == 404
    assert client_of(cast.care).get(url).status_code == 404
    assert client_of(cast.nobody).get(url).status_code == 403
    assert client_of(cast.sales).get("/mail/999999999999999999999/").status_code == 404


def test_private_is_private_everywhere(cast, client_of, lead, smtp):
    """Page, timeline, list, search, export, file, delivery: its people only, administrators not among them."""
    secret = Upload("plan.pdf", "application/pdf", PDF)
    facts = {
        "title": "Secret Zanzibar",
        "text": "Secret words",
        "private": True,
        "files": [secret],
        "cc": [cast.pm.email],
    }
    email = write(lead, cast.sales, **facts)
    outbox.deliver_due()
    own = (email.get_absolute_url(), reverse("activities:email_file", args=[email.pk, email.files.get().pk]))
    delivery = Delivery.objects.get()
    for user, sees in ((cast.sales, True), (cast.pm, True), (cast.manager, False), (cast.admin, False)):
        client = client_of(user)
        assert [client.get(url).status_code for url in own] == [200 if sees else 404] * 2
        assert ("Secret Zanzibar" in client.get("/mail/?q=Zanzibar&sort=title").text) is sees
        assert (b"Secret Zanzibar" in b"".join(client.get("/mail/export/?format=csv").streaming_content)) is sees
    assert "Secret Zanzibar" in client_of(cast.sales).get(lead.get_absolute_url()).text
    for user in (cast.manager, cast.admin):
        pages = [lead.get_absolute_url(), f"{lead.get_absolute_url()}?kind=file", reverse("core:delivery_list")]
        for url in (*pages, "/admin/activities/email/", "/search/?q=Zanzibar"):
            page = client_of(user).get(url).text
            assert "Secret" not in page and "plan.pdf" not in page, url
    page = client_of(cast.admin).get(delivery.get_absolute_url()).text
    assert "Private e-mail" in page and "Secret" not in page and "plan.pdf" not in page
    assert b"Secret words" in smtp.messages[0]


# --- Sending --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lead", "company", "quote"])
def test_from_the_composer_to_the_customer_and_into_the_timeline(cast, client_of, lead, smtp, kind):
    records = {"lead": lead, "company": CompanyFactory(email="info@cliente.example"), "quote": None}
    record = records[kind] or QuoteFactory(owner=cast.sales, state="sent", language="it")
    client = client_of(cast.sales)
    assert write_url(record) in client.get(record.get_absolute_url()).text
    answer = client.post(
        write_url(record),
        {
            "to": "Giulia Verdi <giulia@cliente.example>; info@cliente.example",
            "title": "Una domanda",
            "text": "Buongiorno, <b>a presto</b>.",
            "language": "it",
            "uploads": [SimpleUploadedFile("Disegno.pdf", PDF)],
        },
    )
    assert answer.status_code == 302 and answer.url == f"{record.get_absolute_url()}#timeline"
    email = Email.objects.get()
    assert smtp.messages == []  # never in the request
    assert email.delivery.state == "pending"
    assert outbox.deliver_due() == 1
    mail = received(smtp)
    assert mail["To"] == "giulia@cliente.example, info@cliente.example"
    assert mail["From"] == "Sales Test <crm@aquaflux.example>"
    assert mail["Message-ID"] == email.message_id
    assert letter.answered([mail["Reply-To"]]) == email.pk
    assert mail["Auto-Submitted"] is None
    assert "Buongiorno, <b>a presto</b>." in mail.get_body(("plain",)).get_content()
    assert "&lt;b&gt;a presto&lt;/b&gt;" in mail.get_body(("html",)).get_content()
    assert [part.get_content() for part in mail.iter_attachments()] == [PDF]
    page = client.get(f"{record.get_absolute_url()}?kind=mail").text
    assert "Una domanda" in page and "Buongiorno" in page
    assert "Disegno.pdf" in client.get(f"{record.get_absolute_url()}?kind=file").text


def test_the_documents_pdf_goes_along(cast, client_of, smtp):
    quote = QuoteFactory(owner=cast.sales, state="sent")
    client = client_of(cast.sales)
    assert "with_pdf" in client.get(write_url(quote)).text
    assert "with_pdf" not in client.get(write_url(QuoteFactory(owner=cast.sales, state="draft"))).text
    facts = {"to": "a@b.example", "title": "x", "text": "y", "language": "it", "with_pdf": "on"}
    assert client.post(write_url(quote), facts).status_code == 302
    outbox.deliver_due()
    quote.refresh_from_db()
    [attached] = received(smtp).iter_attachments()
    assert attached.get_content() == bytes(quote.pdf.content)


def test_the_preview_shows_what_would_be_sent_and_sends_nothing(cast, client_of, lead):
    facts = {"to": "a@b.example", "title": "Title", "text": "Words <b>", "language": "it", "act": "look"}
    part = client_of(cast.sales).post(write_url(lead), facts, headers={"HX-Request": "true", "HX-Target": "preview"})
    assert part.status_code == 200 and "Words &lt;b&gt;" in part.text and "<html" not in part.text
    whole = client_of(cast.sales).post(write_url(lead), facts)
    assert "Words &lt;b&gt;" in whole.text and "<html" in whole.text
    wrong = client_of(cast.sales).post(write_url(lead), facts | {"to": "nobody"}, headers={"HX-Request": "true"})
    assert "nobody" in wrong.text
    assert not Email.objects.exists() and not Delivery.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": ""},
        {"to": "not an address"},
        {"to": ",".join(f"a{n}@b.example" for n in range(30))},
        {"title": ""},
        {"text": "  "},
        {"text": "Dear {{ recipient.name }}"},
        {"title": "nul\0"},
        {"to": "a@b.example\r\nBcc: c@d.example"},
        {"language": "xx"},
        {"uploads": SimpleUploadedFile("virus.exe", b"MZ\x90")},
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(cast, client_of, lead, wrong):
    facts = {"to": "a@b.example", "title": "Title", "text": "Long text I typed", "language": "it"}
    answer = client_of(cast.sales).post(write_url(lead), facts | wrong)
    assert answer.status_code == 422
    assert not Email.objects.exists()
    if "text" not in wrong:
        assert "Long text I typed" in answer.text


def test_a_refused_mail_says_so_on_the_record(cast, client_of, lead, smtp):
    smtp.refused = {"a@b.example"}
    email = write(lead, cast.sales)
    outbox.deliver_due()
    client = client_of(cast.sales)
    assert "could not be delivered" in client.get(lead.get_absolute_url()).text
    assert "no such user" in client.get(email.get_absolute_url()).text
    outbox.relay()
    told = Notification.objects.get(user=cast.sales)
    assert (told.name, told.subject) == ("email.undelivered", email)


def test_an_answer_quotes_and_carries_the_thread(cast, client_of, lead, smtp):
    first = Email.objects.create(
        direction="in", subject=lead, title="Pumps?", text="Do you have pumps?\nGiulia", sender="giulia@cliente.example",
        to=["crm@aquaflux.example", "ugo@cliente.example"], message_id="<1@x>", owner=cast.sales,
    )  # fmt: skip
    client = client_of(cast.sales)
    page = client.get(first.get_absolute_url()).text
    assert f"answers={first.pk}" in page
    url = f"{write_url(lead)}?answers={first.pk}&all=1"
    form = client.get(url).text
    assert "Re: Pumps?" in form and "&gt; Do you have pumps?" in form
    assert "ugo@cliente.example" in form and 'value="crm@aquaflux.example"' not in form
    client.post(url, {"to": "giulia@cliente.example", "title": "Re: Pumps?", "text": "Yes.", "language": "it"})
    outbox.deliver_due()
    mail = received(smtp)
    assert mail["In-Reply-To"] == "<1@x>" and mail["References"] == "<1@x>"
    other = Email.objects.create(direction="in", subject=LeadFactory(), message_id="<2@x>")
    assert client.get(f"{write_url(lead)}?answers={other.pk}").status_code == 404


def test_everything_is_in_italian_too(cast, client_of, lead, template):
    cast.sales.language = "it"
    cast.sales.save()
    page = client_of(cast.sales).get(write_url(lead), {"template": template.pk}).text
    for word in ("Nuova e-mail", "Modello", "Anteprima", "Invia"):
        assert word in page, word


def test_reply_addresses_cannot_be_made_up(settings):
    settings.MAIL_REPLY_ADDRESS = "crm@aquaflux.example"
    good = letter.reply_address(31)
    assert letter.answered([good.upper()]) == 31
    assert letter.answered([good.replace("1f-", "20-")]) is None
    assert letter.answered(["crm+1f-00000000000000000000@aquaflux.example", "x"]) is None
    assert len(good.partition("@")[0]) <= 64

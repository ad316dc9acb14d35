"""E-mails sent by programs: the page's rules, rights and gate; done once however often it is asked."""

import base64

import pytest

from activities.models import Email, MailTemplate
from core.models import Delivery
from tests.factories import CompanyFactory, EmailFactory, EmployeeFactory, LeadFactory

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"


@pytest.fixture
def lead(cast):
    return LeadFactory(
        owner=cast.sales, first_name="Giulia", last_name="Verdi", email="giulia@cliente.example", language="it"
    )


@pytest.fixture
def template():
    return MailTemplate.objects.create(
        name="First contact",
        title_it="Benvenuta",
        text_it="{{ recipient.greeting }}\n\nda {{ sender.name }}.",
        title_en="Welcome",
        text_en="{{ recipient.greeting }}\n\nfrom {{ sender.name }}.",
        subject_type=None,
    )


def about(record):
    return {"type": record._meta.model_name, "id": record.pk}


def hello(record, **facts):
    return {"subject": about(record), "to": ["a@b.example"], "title": "Hello", "text": "Words"} | facts


def test_it_is_kept_and_put_in_the_post(cast, sales, lead):
    files = [{"name": "offer.pdf", "content": base64.b64encode(PDF).decode()}]
    response = sales.post("emails/", hello(lead, cc=["Neri <c@d.example>"], files=files))
    assert response.status_code == 201, response.content
    email = Email.objects.get()
    assert response["Location"] == f"http://testserver/api/v1/emails/{email.pk}/"
    assert (email.subject, email.owner, email.to, email.cc) == (lead, cast.sales, ["a@b.example"], ["c@d.example"])
    assert [bytes(file.content) for file in email.files.all()] == [PDF]
    assert email.delivery.state == Delivery.State.PENDING
    assert response.json()["subject"] == about(lead)
    assert sales.get(f"emails/{email.pk}/").json()["text"] == "Words\n"


def test_a_template_fills_in_what_is_left_out(sales, lead, template):
    response = sales.post("emails/", {"subject": about(lead), "template": template.pk})
    assert response.status_code == 201, response.content
    found = response.json()
    assert (found["to"], found["title"], found["language"]) == (["giulia@cliente.example"], "Benvenuta", "it")
    assert "Giulia Verdi" in found["text"]
    english = sales.post("emails/", {"subject": about(lead), "template": template.pk, "language": "en"}).json()
    assert (english["title"], english["language"], english["template"]) == ("Welcome", "en", template.pk)


def test_a_template_with_nothing_to_fill_in_is_not_sent(sales, lead, template):
    MailTemplate.objects.filter(pk=template.pk).update(text_it="Gentile {{ sender.phone }}, {{ colour }}")
    response = sales.post("emails/", {"subject": about(lead), "template": template.pk})
    assert response.status_code == 422
    assert list(response.json()["errors"]) == ["text"]
    assert not Email.objects.exists()


def test_done_once_with_a_key(sales, lead):
    first = sales.post("emails/", hello(lead), Idempotency_Key="order-17")
    again = sales.post("emails/", hello(lead), Idempotency_Key="order-17")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotent-Replayed"] == "true"
    assert (Email.objects.count(), Delivery.objects.count()) == (1, 1)


def test_who_may_not(cast, caller_of, lead):
    assert caller_of(cast.nobody).post("emails/", hello(lead)).status_code == 403
    assert caller_of(cast.sales, scope="read").post("emails/", hello(lead)).status_code == 403
    stranger = caller_of(cast.sales2).post("emails/", hello(lead))
    assert stranger.status_code == 422
    missing = caller_of(cast.sales2).post("emails/", hello(lead, subject={"type": "lead", "id": 2**62}))
    assert stranger.json()["errors"] == missing.json()["errors"]
    assert list(stranger.json()["errors"]) == ["subject"]
    assert not Email.objects.exists()


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        ({"to": "a@b.example"}, "to"),
        ({"to": ["no address"]}, "to"),
        ({"to": [f"a{n}@b.example" for n in range(21)]}, "to"),
        ({"title": ""}, "title"),
        ({"text": "Dear {{ recipient.greeting }}"}, "text"),
        ({"subject": {"type": "employee", "id": 1}}, "subject"),
        ({"subject": {"type": "lead", "id": "1"}}, "subject"),
        ({"subject": {"type": "lead"}}, "subject"),
        ({"subject": 5}, "subject"),
        ({"template": 987654}, "template"),
        ({"answers": 987654}, "answers"),
        ({"with_pdf": True}, "with_pdf"),
        ({"files": [{"name": "a.pdf", "content": "%%%"}]}, "files"),
        ({"files": [{"name": "a.exe", "content": "TVqQAAMAAAAEAAAA"}]}, "files"),
        ({"files": ["a.pdf"]}, "files"),
        ({"language": "fr"}, "language"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_is_named(sales, lead, facts, wrong):
    response = sales.post("emails/", hello(lead, **facts))
    assert response.status_code == 422, response.content
    assert list(response.json()["errors"]) == [wrong]
    assert not Email.objects.exists()


def test_an_answer_belongs_to_its_record_and_to_those_who_see_it(cast, sales, lead):
    question = EmailFactory(subject=lead, owner=None, direction="in", sender="giulia@cliente.example", title="Prezzi?")
    other = EmailFactory(subject=CompanyFactory(owner=cast.sales), owner=cast.sales)
    private = EmailFactory(subject=lead, owner=cast.sales2, private=True)
    for wrong in (other, private):
        response = sales.post("emails/", {"subject": about(lead), "answers": wrong.pk, "text": "x"})
        assert list(response.json()["errors"]) == ["answers"]
    response = sales.post("emails/", {"subject": about(lead), "answers": question.pk, "text": "Eccoli."})
    assert response.status_code == 201, response.content
    made = Email.objects.get(pk=response.json()["id"])
    assert (made.title, made.to, made.in_reply_to) == ("Re: Prezzi?", ["giulia@cliente.example"], question.message_id)


def test_a_private_one_is_answered_to_its_writer_alone(cast, caller_of, sales, lead):
    response = sales.post("emails/", hello(lead, private=True))
    assert response.status_code == 201, response.content
    address = f"emails/{response.json()['id']}/"
    assert sales.get(address).json()["text"] == "Words\n"
    assert caller_of(cast.admin).get(address).status_code == 404


def test_no_letters_are_written_about_employees(cast, caller_of):
    response = caller_of(cast.admin).post("emails/", hello(EmployeeFactory()))
    assert "Known: " in response.json()["errors"]["subject"][0]


def test_a_body_too_large_is_cut_off(sales, lead):
    response = sales.post("emails/", b" " * (29 * 1024 * 1024))
    assert response.status_code == 413

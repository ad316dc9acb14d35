"""Activities and notes of programs, about a record of any kind."""

import base64

import pytest

from activities.models import Activity, Note
from activities.posting import models
from core.files import keep_up, key_of
from tests import factories
from tests.api.test_emails import PDF, about
from tests.api.test_reading import make

pytestmark = pytest.mark.django_db
KINDS = [
    "companies",
    "contacts",
    "leads",
    "opportunities",
    "quotes",
    "orders",
    "projects",
    "invoices",
    "cases",
    "products",
]


@pytest.fixture
def lead(cast):
    return factories.LeadFactory(owner=cast.sales)


@pytest.mark.parametrize("prefix", KINDS)
def test_an_activity_and_a_note_about_any_record(cast, caller_of, prefix):
    admin, record = caller_of(cast.admin), make(prefix, cast.sales)
    task = admin.post("activities/", {"summary": "Ask", "kind": "call", "subject": about(record)})
    assert task.status_code == 201, task.content
    assert Activity.objects.get().subject == record
    note = admin.post("notes/", {"subject": about(record), "body": "Called."})
    assert note.status_code == 201, note.content
    assert Note.objects.get().subject == record
    assert "Called." in str(admin.get(f"notes/?subject={record._meta.model_name}:{record.pk}").json())


def test_kinds_have_names_of_their_own():
    names = [model._meta.model_name for model in models().values()]
    assert len(names) == len(set(names)) > 20


def test_a_record_or_a_company_and_not_both(cast, sales, lead):
    company = factories.CompanyFactory(owner=cast.sales)
    for facts in ({}, {"company": company.pk, "subject": about(lead)}, {"subject": None}):
        response = sales.post("activities/", {"summary": "Ask", **facts})
        assert (response.status_code, list(response.json()["errors"])) == (422, ["subject"])
    assert not Activity.objects.exists()


def test_strangers_learn_nothing(cast, caller_of, sales, lead):
    note = sales.post("notes/", {"subject": about(lead), "body": "Secret"}).json()
    stranger, nobody = caller_of(cast.sales2), caller_of(cast.nobody)
    for path, facts in (("activities/", {"summary": "x"}), ("notes/", {"body": "x"})):
        response = stranger.post(path, {"subject": about(lead), **facts})
        assert (response.status_code, list(response.json()["errors"])) == (422, ["subject"])
        assert nobody.post(path, {"subject": about(lead), **facts}).status_code == 403
    for path in (f"notes/{note['id']}/", f"notes/?subject=lead:{lead.pk}", f"notes/{note['id']}/files/1/"):
        assert stranger.get(path).status_code == 404
        assert nobody.get(path).status_code == 404
    assert not Activity.objects.exists()
    assert Note.objects.count() == 1


def test_files_of_a_note(sales, lead):
    files = [{"name": "../plan.pdf", "content": base64.b64encode(PDF).decode()}]
    made = sales.post("notes/", {"subject": about(lead), "uploads": files}).json()
    assert (made["body"], [file["mime"] for file in made["files"]]) == ("plan.pdf", ["application/pdf"])
    answer = sales.get(made["files"][0]["url"])
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, PDF, "application/pdf")
    assert sales.get(f"notes/{made['id']}/files/{2**62}/").status_code == 404


def test_a_note_is_left_once_with_a_key(sales, lead):
    for _attempt in range(2):
        assert sales.post("notes/", {"subject": about(lead), "body": "x"}, Idempotency_Key="n").status_code == 201
    assert Note.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({}, ["subject"]),
        ({"subject": {"type": "lead", "id": -1}, "body": "x"}, ["subject"]),
        ({"subject": {"type": "note", "id": 1}, "body": "x"}, ["subject"]),
        ({"subject": {"type": "user", "id": 1}, "body": "x"}, ["subject"]),
        ({"body": 5, "subject": []}, ["body", "subject"]),
        ([], ["non_field_errors"]),
    ],
)
def test_what_is_wrong_is_named(sales, body, wrong):
    response = sales.post("notes/", body)
    assert (response.status_code, sorted(response.json()["errors"])) == (422, wrong)


@pytest.mark.parametrize("query", ["", "?subject=lead", "?subject=user:1", "?subject=lead:x", "?subject=lead:1&x=1"])
def test_a_list_asks_for_its_record(sales, query):
    assert sales.get(f"notes/{query}").status_code in (400, 404)


def test_a_file_that_the_bucket_does_not_give_out_is_a_problem(bucket, sales, lead):
    files = [{"name": "plan.pdf", "content": base64.b64encode(PDF).decode()}]
    made = sales.post("notes/", {"subject": about(lead), "uploads": files}).json()
    kept = Note.objects.get().files.get()
    url = f"notes/{made['id']}/files/{kept.pk}/"
    keep_up()
    assert sales.get(url).content == PDF
    bucket.put(key_of(kept.sha256), b"Other bytes")
    answer = sales.get(url)
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert b"Other" not in answer.content

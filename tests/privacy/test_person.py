"""Everything about a person: given out as a ZIP, and erased from every table but for what the law keeps."""

import io
import json
import zipfile
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from activities.models import Email
from activities.services import add_note, schedule
from core import access, merging, outbox
from core.lifecycle import Refused
from core.models import Consent, Delivery, Erasure, Event, File, ImportRow, Purpose, PurposeText
from core.privacy import consent, erasing, person, plan
from core.privacy.registry import exempted, holding_of, person_models
from core.references import references_to
from core.search import find
from leads.models import Lead
from leads.services import create_lead
from parties.models import Contact
from quotes.models import Quote
from tests.factories import (
    CaseFactory,
    CompanyFactory,
    ContactFactory,
    ContractFactory,
    ImportRunFactory,
    InvoiceFactory,
    LeadFactory,
    OpportunityFactory,
    QuoteFactory,
    SalesOrderFactory,
)

NAME, EMAIL, PHONE = "Zuccalmaglio", "ermelinda@zuccalmaglio.example", "+39 347 7654321"
WHO = {"first_name": "Ermelinda", "last_name": NAME, "email": EMAIL, "phone": PHONE}
#: What must be nowhere: the address is in the name, the number without its prefix.
TRACES = ("zuccalmaglio", "ermelinda", "347 7654321")


def traces(*, but: tuple[type, ...] = ()) -> dict[str, list[str]]:
    """Every row of every table that still names them, bytes of files included."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy or model in but:
            continue
        name = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            for trace in TRACES:
                cursor.execute(f"SELECT t::text FROM {name} t WHERE t::text ILIKE %s", [f"%{trace}%"])  # noqa: S608
                found.setdefault(model._meta.label, []).extend(row[0][:300] for row in cursor.fetchall())
    files = [file.name for file in File.objects.all() if any(t in bytes(file.content).lower().decode() for t in TRACES)]
    return {label: rows for label, rows in (found | {"bytes": files}).items() if rows}


def upload(name, content):
    return SimpleNamespace(name=name, mime="text/plain", content=content)


@pytest.fixture
def lead(cast):
    """A lead that has left traces in every room."""
    made = create_lead(by=cast.sales, company_name="Tornerie S.p.A.", message=f"Sono {NAME}", **WHO)
    made.job_title = f"Assistente di {NAME}"
    made.save()
    add_note(
        subject=made, body=f"{NAME} vuole uno sconto", by=cast.sales, files=[upload(f"{NAME}.txt", EMAIL.encode())]
    )
    schedule(subject=made, summary=f"Chiamare {NAME} al {PHONE}", by=cast.sales)
    made.lose(by=cast.sales, reason="price", note=f"{NAME} ha detto di no")
    outbox.send_mail(
        key="m1",
        subject=made,
        to=[EMAIL],
        title=f"Gentile {NAME}",
        text="Buongiorno",
        files=[("a.txt", "text/plain", NAME.encode())],
    )
    purpose = Purpose.objects.create(name="Newsletter", code="newsletter")
    PurposeText.objects.create(purpose=purpose, version=1, text_it="Ci sto")
    consent.give(
        subject=made,
        purpose=purpose,
        by=cast.sales,
        source="paper",
        evidence=f"Foglio di {NAME}",
        ip="192.0.2.1",
        files=[upload("f.txt", NAME.encode())],
    )
    run = ImportRunFactory(file=File.store(name="fair.csv", mime="text/csv", content=f"Nome\n{NAME}\n".encode()))
    ImportRow.objects.create(
        run=run, is_trial=False, number=1, outcome="create", record_id=made.pk, name=NAME, cells={"Nome": NAME}
    )
    return made


@pytest.fixture
def contact(cast):
    """A contact with documents, some of which the law keeps."""
    company = CompanyFactory(name="Officine S.r.l.")
    made = ContactFactory(company=company, **WHO)
    deal = OpportunityFactory(company=company, contact=made, name=f"Pompe per {NAME}", description=f"Sentire {PHONE}")
    QuoteFactory(
        opportunity=deal,
        company=company,
        contact=made,
        state="declined",
        signer_name=f"Ermelinda {NAME}",
        signer_ip="192.0.2.9",
    )
    quote = QuoteFactory(
        opportunity=deal,
        company=company,
        contact=made,
        state="accepted",
        answered_at=timezone.now(),
        signer_name=f"Ermelinda {NAME}",
    )
    order = SalesOrderFactory(quote=quote, company=company, contact=made, state="contracted")
    contract = ContractFactory(order=order, company=company, contact=made, state="active", signed_at=timezone.now())
    InvoiceFactory(contract=contract, company=company, contact=made, state="issued")
    InvoiceFactory(contract=contract, company=company, contact=made, title=f"Bozza per {NAME}")
    CaseFactory(company=company, contact=made, title=f"Reclamo di {NAME}", description="La pompa vibra")
    return made


def erase(record, by, reason="request"):
    return erasing.erase(record, by=by, reason=reason)


# --- Erasure ------------------------------------------------------------------------------------------------------------


def test_nothing_of_an_erased_lead_is_left_in_any_table(lead, cast):
    assert len(traces()) > 8
    erasure = erase(lead, cast.admin)
    assert traces() == {}
    lead.refresh_from_db()
    assert (lead.first_name, lead.email, lead.company_name, lead.state) == ("", "", "Tornerie S.p.A.", "lost")
    assert erasure.kept == [] and erasure.review_on is None
    assert Event.objects.filter(name="lead.erased", subject_id=lead.pk).exists()


def test_the_search_and_the_history_know_nothing_of_an_erased_person(lead, cast, client_of):
    assert find(NAME, cast.admin) and find(EMAIL, cast.admin)
    erase(lead, cast.admin)
    assert not find(NAME, cast.admin) and not find(EMAIL, cast.admin) and not find("347 7654321", cast.admin)
    page = client_of(cast.admin).get(lead.get_absolute_url()).content.decode()
    assert NAME not in page and "erased the personal data" in page


def test_the_law_keeps_documents_and_the_rest_goes(contact, cast):
    erasure = erase(contact, cast.admin)
    left = traces()
    # What the accepted quote says of its signature stays with it, in the row and in its versions.
    assert set(left) <= {"quotes.Quote", "quotes.QuoteEvent"}
    assert all("accepted" in row or "accepted" in str(left) for row in left["quotes.Quote"])
    contact.refresh_from_db()
    assert str(contact) == f"#{contact.pk}"
    assert {row["kind"] for row in erasure.kept} == {
        "quotes.Quote",
        "orders.SalesOrder",
        "orders.Contract",
        "invoicing.Invoice",
    }
    assert Quote.objects.get(state="declined").signer_name == ""
    assert Quote.objects.get(state="accepted").signer_name == f"Ermelinda {NAME}"
    ten_years = timezone.localdate().replace(year=timezone.localdate().year + 10)
    assert erasure.review_on == ten_years


def test_what_the_law_no_longer_keeps_goes(contact, cast):
    old = timezone.now() - timedelta(days=3700)
    with erasing.opened(Quote):
        Quote.objects.filter(state="accepted").update(answered_at=old)
    erase(contact, cast.admin)
    assert set(Quote.objects.values_list("signer_name", flat=True)) == {""}


def test_texts_about_something_else_lose_only_the_person(contact, cast):
    erase(contact, cast.admin)
    deal = Quote.objects.first().opportunity
    assert deal.name == f"Pompe per {person.BLOT}"


def test_a_lead_and_its_contact_are_one_person(lead, contact, cast):
    found = person.find(lead)
    assert {type(r) for r in found.records} == {Lead, Contact}
    erase(lead, cast.admin)
    contact.refresh_from_db()
    assert contact.email == ""


def test_what_was_merged_into_a_record_goes_with_it(lead, cast):
    twin = LeadFactory(**WHO | {"email": "altra@zuccalmaglio.example"}, owner=cast.sales)
    add_note(subject=twin, body=f"{NAME} due", by=cast.sales)
    twin.last_name = f"{NAME} bis"
    twin.save()
    merging.merge(keep=lead, absorb=twin, by=cast.admin)
    assert "core.Merge" in traces()
    erase(lead, cast.admin)
    assert traces() == {}


def test_their_letters_go_and_others_lose_only_the_person(contact, cast):
    deal = contact.opportunities.get()
    theirs = {"subject": deal, "owner": cast.sales}
    Email.objects.create(
        **theirs, direction="in", sender=EMAIL, sender_name=NAME, title="Ciao", text="Sono io", message_id=f"<1@{NAME}>"
    )
    Email.objects.create(
        **theirs,
        direction="out",
        to=["capo@officine.example"],
        title="Prezzi",
        text=f"Come detto a {NAME}, 10%",
        message_id="2",
    )
    Email.objects.create(direction="in", sender=EMAIL, title=f"Da {NAME}", text="Non so di che", message_id="3")
    erase(contact, cast.admin)
    assert "activities.Email" not in traces()
    other = Email.objects.get(direction="out")
    assert (other.title, other.text, other.to) == (
        "Prezzi",
        f"Come detto a {person.BLOT}, 10%",
        ["capo@officine.example"],
    )
    assert Email.objects.filter(direction="in", text="", sender="").count() == 2


def test_somebody_else_with_the_same_address_is_not_the_same_person(lead):
    other = LeadFactory(email=EMAIL, last_name="Verdi")
    assert other not in person.find(lead).records


def test_files_that_something_kept_needs_stay(contact, cast):
    pdf = File.store(name="offer.pdf", mime="application/pdf", content=b"PDF")
    accepted = Quote.objects.get(state="accepted")
    with erasing.opened(Quote):
        Quote.objects.update(pdf=pdf)
    erase(contact, cast.admin)
    pdf.refresh_from_db()
    assert bytes(pdf.content) == b"PDF" and accepted.pk


def test_an_erased_message_is_never_sent(lead, cast, mailoutbox):
    erase(lead, cast.admin)
    delivery = Delivery.objects.get(key="m1")
    outbox.deliver(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == "failed" and not mailoutbox
    with pytest.raises(Refused):
        delivery.resend(by=cast.admin)


def test_the_guards_are_closed_again(lead, cast):
    erase(lead, cast.admin)
    for change in (
        lambda: Event.objects.update(data={"x": 1}),
        lambda: Consent.objects.update(email="x"),
        lambda: Erasure.objects.update(reason="other"),
        lambda: Lead.pgh_event_model.objects.update(email="x@x.it"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_an_erasure_that_breaks_off_changes_nothing(lead, cast, monkeypatch):
    def stop(*_args, **_kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(erasing, "_drop_files", stop)
    with pytest.raises(ZeroDivisionError):
        erase(lead, cast.admin)
    lead.refresh_from_db()
    assert lead.email == EMAIL and not Erasure.objects.exists()


def test_twice_does_no_harm(lead, cast):
    erase(lead, cast.admin)
    erase(lead, cast.admin)
    assert Erasure.objects.count() == 2 and traces() == {}


def test_only_those_with_the_right_erase(lead, cast, client_of):
    for user in (cast.sales, cast.manager, cast.marketing):
        with pytest.raises(PermissionDenied):
            erase(lead, user)
        assert client_of(user).get(f"/privacy/leads/lead/{lead.pk}/erase/").status_code == 403
        assert (
            client_of(user)
            .post(f"/privacy/leads/lead/{lead.pk}/erase/", {"reason": "request", "sure": "on"})
            .status_code
            == 403
        )
    lead.refresh_from_db()
    assert lead.email == EMAIL


def test_the_page_says_what_goes_and_what_stays_document_by_document(contact, cast, client_of):
    client, url = client_of(cast.admin), f"/privacy/parties/contact/{contact.pk}/erase/"
    page = client.get(url).content.decode()
    for kept in plan.make(person.find(contact)).kept:
        assert str(kept.row) in page and str(kept.law) in page
    assert "art. 2220" in page
    assert client.post(url, {"reason": "request"}).status_code == 422
    contact.refresh_from_db()
    assert contact.email == EMAIL
    answer = client.post(url, {"reason": "request", "sure": "on"})
    assert answer.status_code == 302
    register = client.get("/privacy/erasures/").content.decode()
    assert contact.get_absolute_url() in register
    assert "art. 2220" in client.get(f"/privacy/erasures/{Erasure.objects.get().pk}/").content.decode()
    assert client_of(cast.manager).get("/privacy/erasures/").status_code == 403


# --- Export -------------------------------------------------------------------------------------------------------------


def unpacked(answer) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def test_the_zip_has_everything_as_json_as_a_page_and_as_files(lead, contact, cast, client_of):
    client = client_of(cast.admin)
    url = f"/privacy/leads/lead/{lead.pk}/export/"
    assert "Notes" in client.get(url).content.decode()
    package = unpacked(client.post(url))
    assert package.testzip() is None
    data = json.loads(package.read("data.json"))
    kinds = {part["kind"] for part in data["records"]}
    assert {
        "Leads",
        "Contacts",
        "Quotes",
        "Invoices",
        "Cases",
        "Notes",
        "Activities",
        "Deliveries",
        "Consents",
    } <= kinds
    assert any(f"Assistente di {NAME}" in str(v["values"]) for v in data["earlier_versions"])
    page = package.read("index.html").decode()
    assert EMAIL in page and "vuole uno sconto" in page and "<script" not in page and "style=" not in page
    files = [package.read(name) for name in package.namelist() if name.startswith("files/")]
    assert EMAIL.encode() in files
    (mail,) = [package.read(name) for name in package.namelist() if name.endswith(".eml")]
    assert b"Buongiorno" in mail
    assert all(".." not in name and not name.startswith("/") for name in package.namelist())


def test_no_costs_no_colleagues_and_no_strangers_rows_are_given_out(contact, cast, client_of):
    stranger = ContactFactory(company=contact.company, last_name="Estranea")
    CaseFactory(company=contact.company, contact=stranger, title="Di un'altra")
    Quote.objects.filter(state="accepted").update(owner=cast.sales)
    package = unpacked(client_of(cast.admin).post(f"/privacy/parties/contact/{contact.pk}/export/"))
    text = package.read("data.json").decode()
    for secret in ("Estranea", "Di un'altra", "unit_cost", "margin", "Sales Test", Quote.objects.first().token):
        assert secret not in text


def test_only_those_with_the_right_export(lead, cast, client_of):
    for user in (cast.sales, cast.manager, cast.accountant):
        assert client_of(user).get(f"/privacy/leads/lead/{lead.pk}/export/").status_code == 403
        assert client_of(user).post(f"/privacy/leads/lead/{lead.pk}/export/").status_code == 403
    assert client_of(cast.admin).post("/privacy/parties/company/1/export/").status_code == 404
    assert client_of(cast.admin).post("/privacy/leads/lead/999999/export/").status_code == 404


@pytest.mark.parametrize("name", ["../../etc/passwd", "..", "", "a/b\\c\0d", "x" * 500, "CON:", "\u202egpj.exe"])
def test_names_of_files_stay_inside_their_folder(name):
    from core.privacy.exporting import safe

    found = safe(name)
    assert found and "/" not in found and "\\" not in found and not found.startswith(".") and len(found) <= 120


# --- Declarations -------------------------------------------------------------------------------------------------------

PERSONAL = {
    "first_name",
    "last_name",
    "phone",
    "mobile",
    "email",
    "street",
    "tax_code",
    "signer_name",
    "ip",
    "evidence",
}


def looks_personal(model) -> bool:
    """It points at people, is about any record, or has a column that is called as if."""
    pointing = {reference.model for person_model in person_models() for reference in references_to(person_model)}
    fields = model._meta.concrete_fields
    kinds = (models.EmailField, models.GenericIPAddressField)
    return model in pointing or any(f.name in PERSONAL or isinstance(f, kinds) for f in fields)


def test_every_kind_that_may_hold_something_of_people_is_declared():
    ours = [
        m for m in apps.get_models() if not m._meta.proxy and m._meta.managed and not hasattr(m, "pgh_tracked_model")
    ]
    libraries = ("account", "axes", "auth", "contenttypes", "sessions", "mfa", "pghistory")
    undeclared = [
        model._meta.label
        for model in ours
        if model._meta.app_label not in libraries and looks_personal(model)
        if holding_of(model) is None and model not in exempted()
    ]
    assert undeclared == []


def test_every_column_that_is_erased_exists_and_may_be_what_it_becomes():
    for model in person_models():
        holding = holding_of(model)
        assert {"email", "last_name"} <= set(holding.erase)
        for name in holding.erase:
            assert model._meta.get_field(name)
    texts = (models.CharField, models.TextField, models.JSONField)
    free = {
        "state",
        "country",
        "province",
        "city",
        "language",
        "source",
        "fit",
        "lost_reason",
        "currency",
        "budget_currency",
    }
    for model in person_models():
        named = {
            f.name
            for f in model._meta.concrete_fields
            if isinstance(f, texts) and not f.generated and not f.related_model
        }
        assert named - set(holding_of(model).erase) - free == set(), "a new text column of a person: is it erased?"


def test_jobs_may_erase(lead):
    assert erase(lead, access.JOB, reason="retention").by is None

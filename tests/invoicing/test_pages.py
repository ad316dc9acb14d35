"""The accountant's pages: what is to invoice, drafts and their lines, issuing, collecting, crediting; who may see what."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from core.access import JOB
from invoicing.models import Invoice
from invoicing.reports import ageing, contracts_to_invoice
from invoicing.services import credit_invoice, draft_free_invoice, draft_invoice
from tests.factories import CompanyFactory, ContractFactory, InvoiceFactory, ProjectFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(cast):
    return draft_invoice(contract=ContractFactory(state="active", owner=cast.sales), by=JOB)


def overdue(days: int, **kwargs) -> Invoice:
    due_on = timezone.localdate() - timedelta(days=days)
    return InvoiceFactory(state="issued", issued_on=due_on - timedelta(days=30), due_on=due_on, **kwargs)


def text(answer) -> str:
    return answer.content.decode()


# --- To invoice -----------------------------------------------------------------------------------------------------------


def test_the_queue_names_contracts_with_something_left(cast, client_of):
    whole, part, none, unsigned = (ContractFactory(state="active") for _turn in range(3)), None, None, None
    whole, part, none = whole
    unsigned = ContractFactory()
    draft_invoice(contract=part, by=JOB, lines={part.lines.first().pk: Decimal(4)})
    draft_invoice(contract=none, by=JOB)
    left = {c.number: (c.invoiced, c.to_invoice) for c in contracts_to_invoice(cast.accountant)}
    assert left == {whole.number: (0, 2000), part.number: (400, 1600)}
    page = text(client_of(cast.accountant).get(reverse("invoicing:to_invoice")))
    assert reverse("invoicing:invoice_from_contract", args=[part.pk]) in page and "1,600.00" in page
    assert none.number not in page and unsigned.number not in page


def test_from_contract_to_draft_in_two_steps(cast, client_of):
    contract = ContractFactory(state="active")
    first, second = contract.lines.all()
    client, url = client_of(cast.accountant), reverse("invoicing:invoice_from_contract", args=[contract.pk])
    page = text(client.get(url))
    assert f'name="line_{first.pk}"' in page and 'value="10"' in page
    facts = {"title": "Acconto", f"line_{first.pk}": "2.5", f"line_{second.pk}": ""}
    answer = client.post(url, facts)
    invoice = Invoice.objects.get()
    assert answer.status_code == 302 and answer.url == invoice.get_absolute_url()
    assert (invoice.title, invoice.net.amount, invoice.lines.get().quantity) == ("Acconto", 250, Decimal("2.5"))


@pytest.mark.parametrize("quantity", ["11", "-1", "0", "zwei", "1e99", "9" * 60])
def test_a_wrong_quantity_is_told_beside_the_field(cast, client_of, quantity):
    contract = ContractFactory(state="active", line_count=1)
    line = contract.lines.get()
    url = reverse("invoicing:invoice_from_contract", args=[contract.pk])
    answer = client_of(cast.accountant).post(url, {"title": "Acconto", f"line_{line.pk}": quantity})
    assert answer.status_code == 422 and "Acconto" in text(answer)
    assert not Invoice.objects.exists()


def test_a_project_manager_drafts_from_the_project_and_sees_the_draft(cast, client_of):
    project = ProjectFactory(owner=cast.pm)
    client, url = client_of(cast.pm), reverse("invoicing:invoice_from_project", args=[project.pk])
    assert client.get(url).status_code == 200
    lines = {f"line_{line.pk}": "1" for line in project.contract.lines.all()}
    answer = client.post(url, {"title": "SAL 1", **lines})
    assert client.get(answer.url).status_code == 200
    assert Invoice.objects.get().net.amount == 200


# --- Lists ----------------------------------------------------------------------------------------------------------------


def test_tabs_and_ageing(cast, client_of, draft):
    late, older = overdue(10), overdue(100)
    paid = overdue(5)
    paid.register_payment(by=JOB, amount=Decimal(2440), on=timezone.localdate())
    client, url = client_of(cast.accountant), reverse("invoicing:invoice_list")
    shown = {
        query: {invoice.pk for invoice in (late, older, paid) if invoice.number in text(client.get(f"{url}?{query}"))}
        for query in (
            "",
            "state=draft",
            "show=open",
            "show=overdue",
            "state=paid",
            "age=30",
            "age=old",
            "show=nonsense",
        )
    }
    everything = {late.pk, older.pk, paid.pk}
    assert shown == {
        "": everything,
        "state=draft": set(),
        "show=open": {late.pk, older.pk},
        "show=overdue": {late.pk, older.pk},
        "state=paid": {paid.pk},
        "age=30": {late.pk},
        "age=old": {older.pk},
        "show=nonsense": everything,
    }
    assert [bucket.amount for bucket in ageing(cast.accountant)] == [0, 2440, 0, 0, 2440]
    collection = text(client.get(reverse("invoicing:collection")))
    assert collection.index(older.number) < collection.index(late.number) and paid.number not in collection


@pytest.mark.parametrize("name", ["invoicing:invoice_list", "invoicing:collection", "invoicing:to_invoice"])
def test_as_many_queries_with_three_rows_as_with_thirty(cast, client_of, django_assert_max_num_queries, name):
    client = client_of(cast.accountant)
    counts = []
    for rows in (3, 27):
        for _turn in range(rows):
            overdue(10)
            ContractFactory(state="active")
        client.get(reverse(name))
        with django_assert_max_num_queries(10) as captured:
            assert client.get(reverse(name)).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    "name", ["invoicing:invoice_export", "invoicing:collection_export", "invoicing:to_invoice_export"]
)
def test_export(cast, client_of, name):
    overdue(10, customer_name="=HYPERLINK(1)")
    ContractFactory(state="active")
    answer = client_of(cast.accountant).get(reverse(name), {"format": "csv"})
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert answer.status_code == 200 and len(content.splitlines()) >= 2 and ",=HYPERLINK" not in content


# --- Record ---------------------------------------------------------------------------------------------------------------


def test_the_record_page_shows_lines_vat_payments_and_reminders(cast, client_of, draft, django_assert_max_num_queries):
    client = client_of(cast.accountant)
    client.get(draft.get_absolute_url())
    with django_assert_max_num_queries(15):
        assert "Discard the draft" in text(client.get(draft.get_absolute_url()))
    draft.issue(by=JOB)
    draft.register_payment(by=JOB, amount=Decimal(440), on=timezone.localdate(), reference="CRO 77")
    with django_assert_max_num_queries(15):
        page = text(client.get(draft.get_absolute_url()))
    for wanted in ("Pompa 1", "€440.00", "CRO 77", "€2,000.00", "Register payment", "Credit", "Send by e-mail", "PDF"):
        assert wanted in page, wanted


def test_the_pdf_is_shown_and_kept(cast, client_of, draft):
    client, url = client_of(cast.accountant), reverse("invoicing:invoice_pdf", args=[draft.pk])
    preview = client.get(url)
    assert preview["Content-Type"] == "application/pdf" and preview.content.startswith(b"%PDF")
    draft.issue(by=JOB)
    first = client.get(url)
    assert first.content == client.get(url).content and "FT-" in first["Content-Disposition"]
    draft.refresh_from_db()
    assert bytes(draft.pdf.content) == first.content
    assert client_of(cast.sales2).get(url).status_code == 404


# --- Drafts ---------------------------------------------------------------------------------------------------------------


def rows(lines, **changes) -> dict[str, str]:
    """The lines editor's fields as a browser posts them."""
    data = {"lines-TOTAL_FORMS": str(len(lines)), "lines-INITIAL_FORMS": str(sum(1 for line in lines if line.pk))}
    for n, line in enumerate(lines):
        values = {"id": line.pk or "", "description": line.description, "quantity": str(line.quantity), "ORDER": n + 1}
        data |= {f"lines-{n}-{name}": str(value) for name, value in values.items()}
    return data | changes


def head(invoice: Invoice, **changes) -> dict[str, str]:
    return {"title": invoice.title, "payment_days": "30", "notes": "", "contact": "", **changes}


def test_a_draft_of_a_contract_is_changed_within_the_contract(cast, client_of, draft):
    client, lines = client_of(cast.accountant), list(draft.lines.all())
    assert client.get(draft.edit_url).status_code == 200
    changes = {"lines-0-quantity": "3", "lines-0-unit_price": "999", "lines-1-DELETE": "on"}
    answer = client.post(draft.edit_url, head(draft, title="Acconto 30 %") | rows(lines, **changes))
    assert answer.status_code == 302, text(answer)
    draft.refresh_from_db()
    line = draft.lines.get()
    assert (line.quantity, line.unit_price, line.net) == (3, 100, 300)
    assert (draft.title, draft.net.amount, draft.gross.amount) == ("Acconto 30 %", 300, 366)


@pytest.mark.parametrize("quantity", ["10.001", "0", "-2", "molto"])
def test_more_than_is_left_is_told_beside_the_field(cast, client_of, draft, quantity):
    lines = list(draft.lines.all())
    answer = client_of(cast.accountant).post(
        draft.edit_url, head(draft) | rows(lines, **{"lines-0-quantity": quantity})
    )
    assert answer.status_code == 422 and f'value="{quantity}"' in text(answer)
    assert draft.lines.first().quantity == 10


def test_a_contracts_invoice_takes_no_other_lines(cast, client_of, draft):
    lines = list(draft.lines.all())
    extra = {
        "lines-TOTAL_FORMS": "3",
        "lines-2-description": "Extra",
        "lines-2-quantity": "1",
        "lines-2-unit_price": "5",
    }
    answer = client_of(cast.accountant).post(draft.edit_url, head(draft) | rows(lines, **extra))
    assert answer.status_code == 422 and draft.lines.count() == 2


def test_an_issued_invoice_is_not_edited(cast, client_of, draft):
    draft.issue(by=JOB)
    client = client_of(cast.accountant)
    assert client.get(draft.edit_url).status_code == 409
    assert client.post(draft.edit_url, head(draft) | rows(list(draft.lines.all()))).status_code == 409


def test_a_free_invoice_is_typed(cast, client_of):
    company = CompanyFactory()
    client, url = client_of(cast.accountant), reverse("invoicing:invoice_create")
    assert client.get(url).status_code == 200
    facts = {
        "company": company.pk, "title": "Sopralluogo", "payment_days": "15",
        "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0", "lines-0-ORDER": "1", "lines-0-description": "Sopralluogo",
        "lines-0-quantity": "2", "lines-0-unit": "h", "lines-0-unit_price": "80.50", "lines-0-discount": "0",
        "lines-0-vat_rate": "22", "lines-0-vat_nature": "",
    }  # fmt: skip
    wrong = client.post(url, facts | {"lines-0-vat_rate": "0"})
    assert wrong.status_code == 422 and "has to say why" in text(wrong)
    answer = client.post(url, facts)
    assert answer.status_code == 302, text(answer)
    invoice = Invoice.objects.get()
    assert (invoice.gross.amount, invoice.customer_name, invoice.payment_days) == (Decimal("196.42"), company.name, 15)
    edited = client.post(
        invoice.edit_url, facts | rows(list(invoice.lines.all())) | {"title": "Rilievo", "lines-0-quantity": "3"}
    )
    assert edited.status_code == 302, text(edited)
    invoice.refresh_from_db()
    assert (invoice.title, invoice.net.amount) == ("Rilievo", Decimal("241.50"))


def test_a_draft_is_discarded(cast, client_of, draft):
    url = reverse("invoicing:invoice_discard", args=[draft.pk])
    client = client_of(cast.accountant)
    assert client.get(url).status_code == 200
    answer = client.post(url)
    assert answer.url == draft.contract.get_absolute_url() and not Invoice.objects.exists()


# --- Verbs ----------------------------------------------------------------------------------------------------------------


def test_the_accountant_issues_from_a_form(cast, client_of, draft):
    client, url = client_of(cast.accountant), draft.act_url("issue")
    today = timezone.localdate()
    assert f'value="{today:%Y-%m-%d}"' in text(client.get(url))
    tomorrow = client.post(url, {"on": f"{today + timedelta(days=1):%Y-%m-%d}"})
    assert tomorrow.status_code == 422 and "in the future" in text(tomorrow)
    assert client.post(url, {"on": "1970-01-01"}).status_code == 422
    assert client.post(url, {"on": "oggi"}).status_code == 422
    assert client.post(url, {"on": f"{today:%Y-%m-%d}"}).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "issued" and draft.number
    assert client.post(url, {"on": f"{today:%Y-%m-%d}"}).status_code == 409


def test_a_date_before_the_last_number_is_told_beside_the_field(cast, client_of, draft):
    today = timezone.localdate()
    draft_free_invoice(
        company=CompanyFactory(), title="x", by=JOB, lines=[{"description": "x", "unit_price": Decimal(1)}]
    ).issue(by=JOB)
    yesterday = today - timedelta(days=1)
    answer = client_of(cast.accountant).post(draft.act_url("issue"), {"on": f"{yesterday:%Y-%m-%d}"})
    if yesterday.year == today.year:
        assert answer.status_code == 422 and "The last number of this series" in text(answer)


def test_a_payment_is_registered(cast, client_of, draft):
    draft.issue(by=JOB)
    client, url, today = client_of(cast.accountant), draft.act_url("register_payment"), timezone.localdate()
    assert "2,440.00" in text(client.get(url))
    facts = {"amount": "1,000.50", "on": f"{today:%Y-%m-%d}", "method": "riba", "reference": "Distinta 7"}
    for wrong in ({"amount": "2440.01"}, {"amount": "0"}, {"amount": ""}, {"on": "2999-01-01"}, {"method": "gold"}):
        answer = client.post(url, facts | wrong)
        assert answer.status_code == 422 and "Distinta 7" in text(answer), wrong
    assert client.post(url, facts).status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.paid.amount) == ("partly_paid", Decimal("1000.50"))
    assert draft.payments.get().method == "riba"


def test_credit_with_a_reason(cast, client_of, draft):
    draft.issue(by=JOB)
    client, url = client_of(cast.accountant), reverse("invoicing:invoice_credit", args=[draft.pk])
    assert client.post(url, {"reason": ""}).status_code == 422
    answer = client.post(url, {"reason": "Prezzo errato"})
    note = Invoice.objects.get(kind="credit_note")
    assert answer.url == note.get_absolute_url()
    page = text(client.get(note.get_absolute_url()))
    assert draft.number in page and "Register payment" not in page and "Mark as disputed" not in page
    assert note.number in text(client.get(draft.get_absolute_url()))
    assert client.post(url, {"reason": "Ancora"}).status_code == 409


def test_send_from_a_form(cast, client_of, draft):
    draft.issue(by=JOB)
    client, url = client_of(cast.accountant), reverse("invoicing:invoice_send", args=[draft.pk])
    assert draft.company.email in text(client.get(url))
    assert client.post(url, {"to": "nobody"}).status_code == 422
    assert client.post(url, {"to": "cliente@example.it", "message": "Ecco."}).status_code == 302


# --- Rights ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("sales", 200),
        ("sales2", 404),
        ("manager", 200),
        ("accountant", 200),
        ("admin", 200),
        ("care", 403),
        ("nobody", 403),
    ],
)
def test_who_sees_the_invoice(cast, client_of, draft, who, expected):
    assert client_of(getattr(cast, who)).get(draft.get_absolute_url()).status_code == expected


@pytest.mark.parametrize("who", ["sales", "manager", "pm"])
def test_only_accountants_issue_credit_send_and_discard(cast, client_of, draft, who):
    client = client_of(getattr(cast, who))
    draft.owner = getattr(cast, who)
    draft.save()
    urls = [draft.act_url("issue"), draft.act_url("register_payment"), draft.edit_url, reverse("invoicing:collection")]
    urls += [reverse(f"invoicing:invoice_{page}", args=[draft.pk]) for page in ("credit", "send", "discard")]
    assert {client.get(url).status_code for url in urls} == {403}


def test_what_hangs_on_a_credited_invoice_stays_visible(cast, client_of, draft):
    draft.issue(by=JOB)
    draft.register_payment(by=JOB, amount=Decimal(40), on=timezone.localdate(), reference="CRO 5")
    credit_invoice(invoice=draft, by=JOB, reason="Errore")
    assert "CRO 5" in text(client_of(cast.accountant).get(draft.get_absolute_url()))

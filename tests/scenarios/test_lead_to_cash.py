"""One deal from the first contact to the last euro, told over HTTP: everybody presses only what their pages offer."""

import re
from decimal import Decimal

import pytest
from django.core import mail
from django.urls import reverse

from core import outbox
from core.models import Delivery
from invoicing.models import Invoice
from leads import scoring
from leads.models import Lead
from opportunities.models import Opportunity
from orders.models import Contract, SalesOrder
from projects.models import Project
from quotes.models import Quote
from tests.factories import CostRateFactory, EmployeeFactory, ProductFactory
from tests.scenarios.person import BUYER, Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pumps(db):
    return [
        ProductFactory(code=f"PC-{n}", name=f"Pump {n}", list_price=price) for n, price in enumerate((100, 250, 40))
    ]


def worker():
    """What the worker does between two clicks: scores, reactions, deliveries."""
    outbox.relay()
    scoring.score_waiting()
    outbox.deliver_due()


def quote_lines(pumps):
    values = {"lines__TOTAL_FORMS": "3", "lines__INITIAL_FORMS": "0"}
    for row, (pump, quantity, price) in enumerate(
        zip(pumps, ("2", "1", "10"), ("100.00", "250.00", "39.95"), strict=True)
    ):
        values |= {
            f"lines__{row}__product": pump.pk,
            f"lines__{row}__description": pump.name,
            f"lines__{row}__quantity": quantity,
            f"lines__{row}__unit": "pz",
            f"lines__{row}__unit_price": price,
            f"lines__{row}__discount": "0",
            f"lines__{row}__vat_rate": "22",
            f"lines__{row}__ORDER": str(row),
        }
    return values


def test_a_deal_from_first_contact_to_last_euro(cast, pumps):
    sales, manager, pm, accountant = (Person(getattr(cast, role)) for role in ("sales", "manager", "pm", "accountant"))

    # Lead: typed in, scored, taken, qualified, converted.
    sales.open(reverse("leads:lead_create")).send(**BUYER)
    lead = Lead.objects.get()
    worker()
    lead.refresh_from_db()
    assert lead.score is not None
    assert sum(reason["points"] for reason in lead.score_reasons) == lead.score
    sales.open(lead.get_absolute_url()).sees("Cartiere Adda S.p.A.")
    if lead.state == Lead.State.NEW:
        sales.press("Take")
    sales.press("Qualify", need="The pumps are fifteen years old", authority="Plant director")
    sales.press("Convert", value="849.50")
    opportunity = Opportunity.objects.get()
    assert opportunity.lead == lead
    assert opportunity.company.vat_number == BUYER["vat_number"]
    # What an invoice will need of the customer is asked for early.
    sales.open(opportunity.company.edit_url).send(street="Via Volta 1", postcode="23900", city="Lecco", province="LC")

    # Quote: three lines, approved by somebody else, sent with its PDF, accepted by the customer.
    sales.open(opportunity.get_absolute_url()).press("Qualify").press("Make a quote")
    quote = Quote.objects.get()
    sales.open(quote.edit_url).send(**quote_lines(pumps))
    quote.refresh_from_db()
    assert quote.net.amount == Decimal("849.50")
    assert quote.gross.amount == Decimal("1036.39")
    sales.open(quote.get_absolute_url()).press("Submit for approval")
    manager.open(reverse("home")).sees("Cartiere Adda")
    manager.open(quote.get_absolute_url()).press("Approve")
    sales.open(quote.get_absolute_url()).press("Send to customer", message="As agreed on the phone.")
    worker()
    letter = next(m for m in mail.outbox if BUYER["email"] in m.to)
    _name, attached, attached_type = letter.attachments[0]
    quote.refresh_from_db()
    assert attached_type == "application/pdf"
    assert attached == bytes(quote.pdf.content)
    link = re.search(r"http\S+/q/\S+/", letter.body).group()
    customer = Person(language="it").open(re.sub(r"https?://[^/]+", "", link))
    customer.send(accept__signer_name="Marta Riva", accept__signer_email=BUYER["email"], accept__consent="on")
    worker()
    quote.refresh_from_db()
    assert quote.state == Quote.State.ACCEPTED
    assert quote.accepted_sha256 == quote.pdf.sha256

    # Order: made by itself, validated by sales, approved by the manager in the admin, sent to the ERP.
    order = SalesOrder.objects.get()
    assert order.net == quote.net
    sales.open(order.get_absolute_url()).press("Validate")
    approve_in_the_admin(manager, order)
    worker()
    assert Delivery.objects.filter(channel="ubl", state="delivered").count() == 1
    assert Opportunity.objects.get().state == Opportunity.State.WON

    # Contract and project, with an hour and a cost.
    sales.open(order.get_absolute_url()).press("Make the contract")
    contract = Contract.objects.get()
    sales.open(contract.get_absolute_url()).press("Sign")
    EmployeeFactory(user=cast.pm)
    CostRateFactory(employee=cast.pm.employee)
    pm.open(contract.get_absolute_url()).press("Open the project")
    project = Project.objects.get()
    pm.open(project.get_absolute_url()).press("Start work")
    pm.press("Log hours", hours="1", activity="Site visit")
    pm.open(project.get_absolute_url()).press("Book a cost", description="Crane", amount="120.00")
    assert project.totals_by_kind()["cost"] == Decimal("152.50")
    pm.open(project.get_absolute_url()).press("Complete")

    # Invoice: drafted, issued and collected by the accountant from forms.
    accountant.open(contract.get_absolute_url()).press("Draft invoice")
    invoice = Invoice.objects.get()
    accountant.open(invoice.get_absolute_url()).press("Issue")
    invoice.refresh_from_db()
    assert invoice.number.endswith("/0001")
    assert invoice.net == quote.net
    assert accountant.client.get(reverse("invoicing:invoice_pdf", args=[invoice.pk])).content.startswith(b"%PDF")
    accountant.open(invoice.get_absolute_url()).press("Register payment")
    invoice.refresh_from_db()
    assert invoice.state == Invoice.State.PAID

    # The circle closes.
    worker()
    pm.open(project.get_absolute_url()).press("Close")
    sales.open(contract.get_absolute_url()).press("Close")
    worker()
    order.refresh_from_db()
    assert order.state == SalesOrder.State.FULFILLED
    the_thread_shows_it_all(sales, lead, opportunity, quote, order, contract, project, invoice)


def approve_in_the_admin(manager, order):
    manager.open(reverse("admin:orders_salesorder_change", args=[order.pk]))
    form = next(f for f in manager.page.forms if "approve" in (f.get("action") or ""))
    assert manager.client.post(form.get("action"), dict(form.fields), follow=True).status_code == 200
    order.refresh_from_db()
    assert order.state == SalesOrder.State.APPROVED
    assert order.approved_by.username == "manager"


def the_thread_shows_it_all(person, *documents):
    for document in documents:
        person.open(document.get_absolute_url())
        links = {a.get("href") for a in person.page.xpath("//main//a")}
        assert {other.get_absolute_url() for other in documents if other != document} <= links
    person.open(documents[2].get_absolute_url()).sees("Sales Test", "Manager Test", "Marta Riva", "accepted the quote")

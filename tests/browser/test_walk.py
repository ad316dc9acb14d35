"""One deal in Chromium, with a real Celery worker and a real mail server: from the first contact to the last euro.

Everybody works in a window of their own and presses only what their pages offer; the customer has a link and no account.
"""

import re
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from email import message_from_bytes, policy
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from core.models import Delivery
from invoicing.models import Invoice
from leads.models import Lead
from opportunities.models import Opportunity
from orders.models import Contract, SalesOrder
from projects.models import Project
from quotes.models import Quote
from tests.factories import CostRateFactory, EmployeeFactory, ProductFactory
from tests.scenarios.person import BUYER
from tests.servers import Mailbox, mail_server

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.django_db(transaction=True)]

WAIT = 90
LINES = (("Vertical pump", "2", "100.00"), ("Control cabinet", "1", "250.00"), ("Gasket", "10", "39.95"))


@pytest.fixture
def post() -> Iterator[tuple[Mailbox, int]]:
    with mail_server() as found:
        yield found


@pytest.fixture
def process_environ(process_environ: dict[str, str], post: tuple[Mailbox, int]) -> dict[str, str]:
    """The worker's mail goes to the server of this test."""
    return {**process_environ, "EMAIL_URL": f"smtp://127.0.0.1:{post[1]}"}


def until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + WAIT
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)
    return found


def the(model: Any, state: str) -> Any:
    """The only record of its kind, once it is in this state."""
    return until(lambda: model.objects.filter(state=state).first())


def fill(place: Locator, **values: str) -> None:
    for name, value in values.items():
        field = place.locator(f"[name='{name}']")
        kind = field.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind == "select":
            field.select_option(value)
        elif kind == "checkbox":
            field.check()
        else:
            field.fill(value)


def send(page: Page, **values: str) -> None:
    """Fill in the page's own form and send it."""
    form = page.locator("main form.card")
    fill(form, **values)
    with page.expect_navigation():
        form.locator(".form-foot .btn-primary").click()


def press(page: Page, label: str, **values: str) -> None:
    """Press a next step; where it asks for something, answer in its dialogue."""
    bar = page.locator(".steps-bar")
    link = bar.get_by_role("link", name=label, exact=True)
    button = bar.get_by_role("button", name=label, exact=True)
    expect(link.or_(button)).to_be_visible()
    if link.count():
        link.click()
        dialog = page.locator("#modal-content")
        expect(dialog.locator("[type=submit]")).to_be_visible()
        fill(dialog, **values)
        button = dialog.locator("[type=submit]")
    with page.expect_navigation():
        button.click()


def add_line(page: Page, position: int, product: str, quantity: str, price: str) -> None:
    """One row of the lines editor: the product by typing part of its name, then how many and at what price."""
    rows = page.locator("[data-rows] > [data-row]:visible")
    if rows.count() <= position:
        page.get_by_role("button", name="Add a line").click()
    row = rows.nth(position)
    row.locator(".ts-control").first.click()
    row.locator(".ts-control input").first.press_sequentially(product[:6], delay=20)
    page.locator(".ts-dropdown .option:visible", has_text=product).first.click()
    expect(row.locator("[name$=-description]")).to_have_value(re.compile(product))
    row.locator("[name$=-quantity]").fill(quantity)
    row.locator("[name$=-unit_price]").fill(price)
    row.locator("[name$=-unit_price]").press("Tab")


def test_a_deal_walked_in_the_browser(desks, cast_with_passwords, celery_worker_process, post):
    for number, (name, _quantity, price) in enumerate(LINES):
        ProductFactory(code=f"PC-{number}", name=name, list_price=price, cost="30.00")
    CostRateFactory(employee=EmployeeFactory(user=cast_with_passwords.pm))
    sales, manager, pm, accountant = (desks(role).page for role in ("sales", "manager", "pm", "accountant"))

    opportunity = from_lead_to_opportunity(sales)
    quote = quoted(sales, manager, opportunity)
    accepted_by_the_customer(desks, sales, quote, post[0])
    order, contract = ordered(sales, manager)
    project = worked(pm, contract)
    invoice = collected(accountant, contract, quote)
    press(pm_at(pm, project), "Close")
    sales.goto(contract.get_absolute_url())
    press(sales, "Close")
    the(Contract, "closed")
    the(SalesOrder, "fulfilled")
    the_bar_and_the_timeline_tell_it(sales, [Lead.objects.get(), opportunity, quote, order, contract, project, invoice])


def from_lead_to_opportunity(sales: Page) -> Opportunity:
    sales.goto("/leads/new/")
    send(sales, **BUYER)
    lead = until(lambda: Lead.objects.exclude(scored__score=None).first())  # the worker has been here
    assert sum(reason["points"] for reason in lead.score_reasons) == lead.score
    sales.goto(lead.get_absolute_url())
    expect(sales.locator("main")).to_contain_text("Cartiere Adda S.p.A.")
    if lead.state == Lead.State.NEW:
        press(sales, "Take")
    press(sales, "Qualify", need="The pumps are fifteen years old", authority="Plant director")
    press(sales, "Convert", value="849.50")
    opportunity = Opportunity.objects.get()
    sales.goto(opportunity.company.edit_url)
    send(sales, street="Via Volta 1", postcode="23900")
    return opportunity


def quoted(sales: Page, manager: Page, opportunity: Opportunity) -> Quote:
    sales.goto(opportunity.get_absolute_url())
    press(sales, "Qualify")
    press(sales, "Make a quote")
    quote = Quote.objects.get()
    sales.goto(quote.edit_url)
    for position, line in enumerate(LINES):
        add_line(sales, position, *line)
    expect(sales.locator("#lines-totals")).to_contain_text("1,036.39")
    send(sales)
    quote.refresh_from_db()
    assert quote.lines.count() == 3
    assert (quote.net.amount, quote.gross.amount) == (Decimal("849.50"), Decimal("1036.39"))
    press(sales, "Submit for approval")
    manager.goto("/")
    expect(manager.locator("main")).to_contain_text("Cartiere Adda")
    manager.goto(quote.get_absolute_url())
    press(manager, "Approve")
    the(Quote, "approved")
    return quote


def accepted_by_the_customer(desks: Any, sales: Page, quote: Quote, mailbox: Mailbox) -> None:
    sales.goto(quote.get_absolute_url())
    press(sales, "Send to customer", message="As agreed on the phone.")
    raw = until(lambda: next((m for m in mailbox.messages if BUYER["email"].encode() in m), None))
    letter = message_from_bytes(raw, policy=policy.default)
    quote.refresh_from_db()
    [attached] = letter.iter_attachments()
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_content() == bytes(quote.pdf.content)
    link = re.search(r"https?://[^/]+(/q/\S+/)", letter.get_body(("plain",)).get_content())
    customer = desks(width=390).page
    customer.goto(f"{link[1]}?lang=en")
    fill(customer.locator("#answer"), **{"accept-signer_name": "Marta Riva", "accept-signer_email": BUYER["email"]})
    customer.locator("[name=accept-consent]").check()
    with customer.expect_navigation():
        customer.get_by_role("button", name="Accept the offer").click()
    expect(customer.locator("main")).to_contain_text("This offer has been accepted")
    assert the(Quote, "accepted").accepted_sha256 == quote.pdf.sha256


def ordered(sales: Page, manager: Page) -> tuple[SalesOrder, Contract]:
    order = until(lambda: SalesOrder.objects.first())  # placed by the worker
    sales.goto(order.get_absolute_url())
    press(sales, "Validate")
    manager.goto(f"/admin/orders/salesorder/{order.pk}/change/")
    with manager.expect_navigation():
        manager.get_by_role("group", name="Next steps").get_by_role("button", name="Approve").click()
    assert the(SalesOrder, "approved").approved_by.username == "manager"
    until(lambda: Delivery.objects.filter(channel="ubl", state="delivered").exists())
    sales.goto(order.get_absolute_url())
    press(sales, "Make the contract")
    contract = Contract.objects.get()
    sales.goto(contract.get_absolute_url())
    press(sales, "Sign")
    return order, the(Contract, "active")


def pm_at(pm: Page, project: Project) -> Page:
    pm.goto(project.get_absolute_url())
    return pm


def worked(pm: Page, contract: Contract) -> Project:
    pm.goto(contract.get_absolute_url())
    press(pm, "Open the project")
    project = Project.objects.get()
    press(pm_at(pm, project), "Start work")
    press(pm_at(pm, project), "Log hours", hours="1", activity="Site visit")
    press(pm_at(pm, project), "Book a cost", description="Crane", amount="120.00")
    assert project.totals_by_kind()["cost"] == Decimal("152.50")
    press(pm_at(pm, project), "Complete")
    return project


def collected(accountant: Page, contract: Contract, quote: Quote) -> Invoice:
    accountant.goto(contract.get_absolute_url())
    press(accountant, "Draft invoice")
    invoice = Invoice.objects.get()
    accountant.goto(invoice.get_absolute_url())
    press(accountant, "Issue")
    invoice = the(Invoice, "issued")
    assert invoice.number.endswith("/0001")
    assert invoice.net == quote.net
    accountant.goto(invoice.get_absolute_url())
    link = accountant.locator("main a[href$='/pdf/']").first.get_attribute("href")
    paper = accountant.context.request.get(link)
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.body().startswith(b"%PDF")
    press(accountant, "Register payment")
    return the(Invoice, "paid")


def the_bar_and_the_timeline_tell_it(page: Page, documents: list[Any]) -> None:
    urls = {document.get_absolute_url() for document in documents}
    for document in documents:
        page.goto(document.get_absolute_url())
        links = {link.get_attribute("href") for link in page.locator("ol.thread a").all()}
        assert urls - {document.get_absolute_url()} <= links
    page.goto(documents[2].get_absolute_url())
    for who, what in (
        ("Sales Test", "submitted the quote for approval"),
        ("Manager Test", "approved the quote"),
        ("Marta Riva", "accepted the quote"),
    ):
        entry = page.locator("#timeline li", has_text=who).filter(has_text=what)
        expect(entry.first).to_be_visible()

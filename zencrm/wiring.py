"""What upper rooms add to the pages and verbs of lower ones: thread stages, hand-overs, gates."""

from importlib import import_module
from typing import Any

from django.utils.translation import gettext_lazy as _

from activities.models import Email
from catalog.models import Product
from catalog.resources import ProductResource
from core import history, letters, search
from core.imports import catalogue as importing
from core.imports.catalogue import Importable
from core.lifecycle import add_gate
from core.pages import register_extra
from core.registry import (
    Handover,
    ListUse,
    Stage,
    register_bulk,
    register_handover,
    register_stages,
    register_use,
    role_labels,
)
from core.search import Searchable
from customercare.models import Case
from invoicing import gates as invoicing_gates
from invoicing.models import Invoice
from invoicing.services import why_no_invoice
from leads.assigning import showing
from leads.models import Campaign, Lead, Mailing, Sequence
from leads.nurture.timeline import entries as mails_of_person
from leads.resources import LeadResource
from opportunities import undoing
from opportunities.models import Opportunity
from opportunities.resources import OpportunityResource
from opportunities.services import convert_by_itself
from orders.models import Contract, SalesOrder
from orders.services import not_yet_ordered
from parties.models import Company, Contact
from parties.resources import CompanyResource, ContactResource
from people.models import Employee
from people.roles import ROLES
from projects.models import Project
from projects.services import project_is_closed, why_no_project
from purchasing.models import PurchaseOrder
from purchasing.services import open_orders
from quotes.models import Quote
from zencrm import mergeables, privacy

#: Apps that declare letters in their `letters.py`.
LETTERS = (
    "parties",
    "leads",
    "opportunities",
    "quotes",
    "orders",
    "projects",
    "purchasing",
    "invoicing",
    "customercare",
)


def install() -> None:
    role_labels.update({name: role.label for name, role in ROLES.items()})
    _stages()
    _invoicing()
    _customercare()
    _search()
    _quotes()
    _orders()
    _delivery()
    _opportunities()
    _imports()
    privacy.install()
    mergeables.install()
    _letters()
    _nurturing()


def _stages() -> None:
    register_stages(
        Stage("lead", _("Lead"), Lead, number="name", icon="user-search"),
        Stage("opportunity", _("Opportunity"), Opportunity, icon="target-arrow"),
        Stage("quote", _("Quote"), Quote, icon="file-text"),
        Stage("order", _("Order"), SalesOrder, icon="shopping-cart"),
        Stage("contract", _("Contract"), Contract, icon="writing-sign"),
        Stage("project", _("Project"), Project, icon="hammer"),
        Stage("invoice", _("Invoice"), Invoice, icon="file-invoice"),
    )


def _invoicing() -> None:
    add_gate(Contract, "close", invoicing_gates.all_is_invoiced)
    add_gate(Contract, "close", invoicing_gates.all_is_paid)
    add_gate(Project, "close", invoicing_gates.project_is_invoiced)
    _drafts_of_invoices()
    for verb, label, permission, more in (
        ("send", _("Send by e-mail"), "send_invoice", {"verb": "send", "tone": ""}),
        ("credit", _("Credit"), "credit_invoice", {"verb": "credit", "tone": "danger"}),
        ("discard", _("Discard the draft"), "change_invoice", {"states": ("draft",), "tone": "danger"}),
    ):
        url = f"invoicing:invoice_{verb}"
        register_handover(Handover(Invoice, verb, label, url, f"invoicing.{permission}", **more))


def _drafts_of_invoices() -> None:
    label, permission = _("Draft invoice"), "invoicing.add_invoice"
    register_handover(
        Handover(
            Contract,
            "draft_invoice",
            label,
            "invoicing:invoice_from_contract",
            permission,
            states=("active", "closed", "renewed", "terminated"),
            ready=why_no_invoice,
        )
    )
    register_handover(
        Handover(
            Project,
            "draft_invoice",
            label,
            "invoicing:invoice_from_project",
            permission,
            ready=lambda project: why_no_invoice(project.contract),
            tone="",
        )
    )


def _customercare() -> None:
    for source in (Company, Contract, Project, Invoice):
        url = f"customercare:case_from_{source._meta.model_name}"
        register_handover(Handover(source, "open_case", _("Open a case"), url, "customercare.add_case", tone=""))


def _search() -> None:
    """What the search box and the pickers know, in the order in which hits are shown."""
    person = ("first_name", "last_name")
    search.register(
        Searchable(Company, ("name",), hint="city", phones=("phone",)),
        Searchable(Contact, person, hint="company__name", phones=("phone", "mobile"), filters=("company",)),
        Searchable(Lead, ("company_name", *person), hint="city", phones=("phone",)),
        Searchable(Opportunity, ("number", "name"), hint="company__name", filters=("company",)),
        Searchable(
            Quote,
            ("number", "title"),
            hint="customer_name",
            filters=("company", "opportunity"),
            replaced=(Quote.State.SUPERSEDED,),
        ),
        Searchable(SalesOrder, ("number", "title"), hint="customer_name", filters=("company",)),
        Searchable(Contract, ("number", "title"), hint="customer_name", filters=("company",)),
        Searchable(Project, ("number", "name"), filters=("contract",), scopes=("open_for_booking",)),
        Searchable(PurchaseOrder, ("number", "title"), filters=("project",)),
        Searchable(Invoice, ("number", "title"), hint="customer_name", filters=("company",)),
        Searchable(Case, ("number", "title"), hint="company__name", filters=("company",)),
        Searchable(Product, ("code", "name"), hint="family"),
        Searchable(Campaign, ("name",), hint="channel"),
        Searchable(Employee, person, hint="job_title"),
        Searchable(Email, ("title",), hint="sender_name", untitled=_("E-mail without a subject")),
    )


def _orders() -> None:
    register_handover(
        Handover(
            Quote,
            "place_order",
            _("Place the order"),
            "orders:salesorder_from_quote",
            "orders.add_salesorder",
            states=("accepted",),
            ready=not_yet_ordered,
        )
    )
    register_handover(
        Handover(
            SalesOrder,
            "sign_contract",
            _("Make the contract"),
            "orders:contract_from_order",
            "orders.add_contract",
            verb="contract_order",
        )
    )
    register_handover(
        Handover(
            Contract, "renew", _("Renew"), "orders:contract_from_contract", "orders.add_contract", verb="renew", tone=""
        )
    )


def _quotes() -> None:
    open_deal = ("qualified", "proposal", "negotiation")
    for handover in (
        Handover(
            Opportunity,
            "draft_quote",
            _("Make a quote"),
            "quotes:quote_from_opportunity",
            "quotes.add_quote",
            states=open_deal,
        ),
        Handover(Quote, "send", _("Send to customer"), "quotes:quote_send", "quotes.send_quote", verb="send"),
        Handover(Quote, "revise", _("Revise"), "quotes:quote_revise", "quotes.revise_quote", verb="revise", tone=""),
    ):
        register_handover(handover)


def _delivery() -> None:
    register_handover(
        Handover(
            Contract,
            "start_project",
            _("Open the project"),
            "projects:project_from_contract",
            "projects.add_project",
            states=("active",),
            ready=why_no_project,
        )
    )
    for name, label, url_name, permission in (
        ("log_hours", _("Log hours"), "projects:timeentry_from_project", "projects.add_timeentry"),
        ("book_expense", _("Book a cost"), "projects:expense_from_project", "projects.add_expense"),
        ("order_goods", _("Order goods"), "purchasing:purchaseorder_from_project", "purchasing.add_purchaseorder"),
    ):
        register_handover(Handover(Project, name, label, url_name, permission, states=Project.BOOKABLE, tone=""))
    add_gate(Contract, "close", project_is_closed)
    add_gate(Project, "close", open_orders)


def _opportunities() -> None:
    register_extra(showing.page_extra)
    register_handover(
        Handover(
            Lead,
            "open_opportunity",
            _("Convert"),
            "opportunities:opportunity_from_lead",
            "opportunities.add_opportunity",
            verb="convert",
        )
    )
    register_handover(
        Handover(
            Lead,
            "undo_conversion",
            _("Undo the conversion"),
            "opportunities:conversion_undo",
            "leads.unconvert_lead",
            verb="unconvert",
            ready=undoing.why_not,
            tone="danger",
        )
    )
    register_bulk(Lead, "convert", convert_by_itself)


def _imports() -> None:
    """What the import wizard takes, and the fields by which rows may be known again."""
    importing.register(
        Importable("leads", LeadResource, ("external_key", "email", "vat_number"), is_list=True),
        Importable("companies", CompanyResource, ("external_key", "vat_number", "tax_code", "name")),
        Importable("contacts", ContactResource, ("external_key", "email"), is_list=True),
        Importable("opportunities", OpportunityResource, ("external_key", "number")),
        Importable("products", ProductResource, ("code",)),
    )


def _letters() -> None:
    """What e-mails are written about. Somebody who writes in is looked for in this order."""
    for app in LETTERS:
        letters.register(*import_module(f"{app}.letters").LETTERS)


def _nurturing() -> None:
    """People are put into sequences on their own pages, and by the segment on a sequence's."""
    history.register_source(mails_of_person)
    label, permission = _("Put into a sequence"), "leads.add_enrolment"
    for person in (Lead, Contact):
        url = f"leads:enrolment_from_{person._meta.model_name}"
        states = Lead.OPEN_STATES if person is Lead else ()
        register_handover(Handover(person, "enrol", label, url, permission, states=states, tone=""))
        given = ("kind", str(person._meta.model_name))
        url, permission_to_add = "leads:segment_create", "leads.add_segment"
        register_use(person, ListUse(_("Save as segment …"), url, permission_to_add, "users-group", given))
    into: dict[str, Any] = {"states": ("active", "paused"), "tone": ""}
    register_handover(Handover(Sequence, "enrol", _("Put a segment in"), "leads:sequence_enrol", permission, **into))
    register_handover(Handover(Mailing, "send", _("Send"), "leads:mailing_send", "leads.send_mailing", verb="send"))
    later, send = _("Schedule"), "leads.send_mailing"
    register_handover(Handover(Mailing, "schedule", later, "leads:mailing_schedule", send, verb="schedule", tone=""))

"""The navigation is the process itself, from the first contact to the last collected euro. Everybody sees their part of it."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Item:
    """One entry: shown to those who hold ``permission`` (empty: to everybody who is logged in)."""

    label: Any
    url: str
    permission: str
    icon: str


@dataclass(frozen=True)
class Section:
    label: Any
    items: tuple[Item, ...]


MENU = (
    Section("", (Item(_("My day"), "home", "", "sun"),)),
    Section(
        _("Marketing"),
        (
            Item(_("Campaigns"), "leads:campaign_list", "leads.view_campaign", "speakerphone"),
            Item(_("Leads"), "leads:lead_list", "leads.view_lead", "user-search"),
        ),
    ),
    Section(
        _("Sales"),
        (
            Item(
                _("Opportunities"), "opportunities:opportunity_list", "opportunities.view_opportunity", "target-arrow"
            ),
            Item(_("Quotes"), "quotes:quote_list", "quotes.view_quote", "file-text"),
            Item(_("Sales orders"), "orders:salesorder_list", "orders.view_salesorder", "shopping-cart"),
            Item(_("Products"), "catalog:product_list", "catalog.view_product", "package"),
        ),
    ),
    Section(
        pgettext_lazy("section of the menu", "Delivery"),
        (
            Item(_("Contracts"), "orders:contract_list", "orders.view_contract", "writing-sign"),
            Item(_("Projects"), "projects:project_list", "projects.view_project", "layout-kanban"),
            Item(_("Timesheets"), "projects:timesheet", "projects.add_timeentry", "clock"),
            Item(
                _("Purchase orders"), "purchasing:purchaseorder_list", "purchasing.view_purchaseorder", "truck-delivery"
            ),
        ),
    ),
    Section(
        _("Cash"),
        (
            Item(_("To be invoiced"), "invoicing:to_invoice", "invoicing.add_invoice", "file-plus"),
            Item(_("Invoices"), "invoicing:invoice_list", "invoicing.view_invoice", "file-invoice"),
            Item(_("Collection"), "invoicing:collection", "invoicing.register_payment_invoice", "cash"),
        ),
    ),
    Section(_("Care"), (Item(_("Cases"), "customercare:case_list", "customercare.view_case", "lifebuoy"),)),
    Section(
        _("People"),
        (
            Item(_("Companies"), "parties:company_list", "parties.view_company", "building"),
            Item(_("Contacts"), "parties:contact_list", "parties.view_contact", "address-book"),
            Item(_("Activities"), "activities:activity_list", "activities.view_activity", "checklist"),
            Item(_("Imports"), "core:importrun_list", "core.view_importrun", "file-import"),
            Item(_("Employees"), "people:employee_list", "people.view_employee", "users"),
        ),
    ),
    Section(
        _("Insights"),
        (
            Item(_("Dashboard"), "insights:dashboard", "insights.view_dashboard", "chart-bar"),
            Item(_("Deliveries"), "core:delivery_list", "core.view_delivery", "send"),
            Item(_("Webhooks"), "core:webhook_list", "core.view_webhook", "webhook"),
        ),
    ),
)

QUICK_CREATE = (
    Section(
        "",
        (
            Item(_("Lead"), "leads:lead_create", "leads.add_lead", "user-search"),
            Item(_("Company"), "parties:company_create", "parties.add_company", "building"),
            Item(_("Contact"), "parties:contact_create", "parties.add_contact", "address-book"),
            Item(_("Opportunity"), "opportunities:opportunity_create", "opportunities.add_opportunity", "target-arrow"),
            Item(_("Activity"), "activities:activity_create", "activities.add_activity", "checklist"),
            Item(_("Case"), "customercare:case_create", "customercare.add_case", "lifebuoy"),
        ),
    ),
)


def admin_navigation(request: Any) -> list[dict[str, Any]]:
    """What managers come to the admin for, above the list of everything."""
    waiting = Item(
        _("Orders to approve"), "admin:orders_salesorder_changelist", "orders.approve_salesorder", "approval"
    )
    failed = Item(_("Failed reactions"), "admin:core_event_changelist", "core.resend_event", "error")
    queries = {waiting: "?queue=approval", failed: "?reactions=failed"}
    items = [
        {"title": item.label, "icon": item.icon, "link": reverse(item.url) + query}
        for item, query in queries.items()
        if request.user.has_perm(item.permission)
    ]
    back = {"title": _("Back to ZenCRM"), "icon": "arrow_back", "link": "/"}
    return [{"title": _("Work"), "items": [*items, back]}]

"""The navigation is the process itself, from the first contact to the last collected euro. Everybody sees their part of it."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Item:
    """One entry: shown to those who hold ``permission`` (empty: to everybody who is logged in); ``key`` opens it after g."""

    label: Any
    url: str
    permission: str
    icon: str
    key: str = ""


@dataclass(frozen=True)
class Section:
    label: Any
    items: tuple[Item, ...]


MENU = (
    Section("", (Item(_("My day"), "home", "", "sun", "d"),)),
    Section(
        _("Marketing"),
        (
            Item(_("Campaigns"), "leads:campaign_list", "leads.view_campaign", "speakerphone", "m"),
            Item(_("What campaigns bring"), "insights:campaigns", "insights.view_attribution", "chart-arrows"),
            Item(_("Leads"), "leads:lead_list", "leads.view_lead", "user-search", "l"),
            Item(_("Web forms"), "leads:webform_list", "leads.view_webform", "forms"),
            Item(_("Submissions"), "leads:capture_list", "leads.view_capture", "inbox"),
            Item(_("Segments"), "leads:segment_list", "leads.view_segment", "users-group"),
            Item(_("Mailings"), "leads:mailing_list", "leads.view_mailing", "mail-forward"),
            Item(_("Sequences"), "leads:sequence_list", "leads.view_sequence", "route-2"),
            Item(_("Rules of the score"), "leads:ruleset_list", "leads.view_ruleset", "adjustments"),
            Item(_("The learnt score"), "leads:score_learnt", "leads.view_scoreversion", "chart-dots"),
        ),
    ),
    Section(
        _("Sales"),
        (
            Item(
                _("Opportunities"),
                "opportunities:opportunity_list",
                "opportunities.view_opportunity",
                "target-arrow",
                "o",
            ),
            Item(_("Quotes"), "quotes:quote_list", "quotes.view_quote", "file-text", "q"),
            Item(_("Sales orders"), "orders:salesorder_list", "orders.view_salesorder", "shopping-cart", "s"),
            Item(_("Products"), "catalog:product_list", "catalog.view_product", "package", "a"),
        ),
    ),
    Section(
        pgettext_lazy("section of the menu", "Delivery"),
        (
            Item(_("Contracts"), "orders:contract_list", "orders.view_contract", "writing-sign", "k"),
            Item(_("Projects"), "projects:project_list", "projects.view_project", "layout-kanban", "j"),
            Item(_("Timesheets"), "projects:timesheet", "projects.add_timeentry", "clock", "t"),
            Item(
                _("Purchase orders"),
                "purchasing:purchaseorder_list",
                "purchasing.view_purchaseorder",
                "truck-delivery",
                "u",
            ),
        ),
    ),
    Section(
        _("Cash"),
        (
            Item(_("To be invoiced"), "invoicing:to_invoice", "invoicing.add_invoice", "file-plus", "n"),
            Item(_("Invoices"), "invoicing:invoice_list", "invoicing.view_invoice", "file-invoice", "i"),
            Item(_("Collection"), "invoicing:collection", "invoicing.register_payment_invoice", "cash", "r"),
        ),
    ),
    Section(_("Care"), (Item(_("Cases"), "customercare:case_list", "customercare.view_case", "lifebuoy", "h"),)),
    Section(
        _("People"),
        (
            Item(_("Companies"), "parties:company_list", "parties.view_company", "building", "c"),
            Item(_("Contacts"), "parties:contact_list", "parties.view_contact", "address-book", "p"),
            Item(_("Activities"), "activities:activity_list", "activities.view_activity", "checklist", "v"),
            Item(_("E-mails"), "activities:email_list", "activities.view_email", "mail"),
            Item(_("Duplicates"), "core:duplicates", "parties.merge_contact", "copy"),
            Item(_("Imports"), "core:importrun_list", "core.view_importrun", "file-import", "f"),
            Item(_("Employees"), "people:employee_list", "people.view_employee", "users", "e"),
        ),
    ),
    Section(
        _("Insights"),
        (
            Item(_("Dashboard"), "insights:dashboard", "insights.view_dashboard", "chart-bar", "b"),
            Item(_("Deliveries"), "core:delivery_list", "core.view_delivery", "send"),
        ),
    ),
    Section(
        _("Settings"),
        (
            Item(_("Custom fields"), "core:customfield_list", "core.view_customfield", "forms"),
            Item(_("Assignment rules"), "leads:assignmentrule_list", "leads.view_assignmentrule", "arrows-split"),
            Item(_("Working calendars"), "people:workingcalendar_list", "people.view_workingcalendar", "calendar-time"),
            Item(_("Reasons for losing"), "leads:lostreason_list", "leads.view_lostreason", "mood-sad"),
            Item(
                _("Probabilities"),
                "opportunities:stageprobability_list",
                "opportunities.view_stageprobability",
                "percentage",
            ),
            Item(_("Tags"), "core:tag_list", "core.view_tag", "tags"),
            Item(_("Webhooks"), "core:webhook_list", "core.view_webhook", "webhook"),
        ),
    ),
    Section(
        _("Data protection"),
        (
            Item(_("Consents"), "core:consent_list", "core.view_consent", "shield-check"),
            Item(_("Purposes"), "core:purpose_list", "core.view_purpose", "target"),
            Item(_("Erasures"), "core:erasure_list", "core.view_erasure", "eraser"),
            Item(_("Retention rules"), "core:retention", "core.view_retentionrule", "hourglass"),
            Item(_("Register of access"), "core:dataaccess_list", "core.view_dataaccess", "eye"),
        ),
    ),
)

QUICK_CREATE = (
    Section(
        "",
        (
            Item(_("Lead"), "leads:lead_create", "leads.add_lead", "user-search"),
            Item(_("Phone note"), "leads:phone_note", "leads.add_lead", "phone"),
            Item(_("Company"), "parties:company_create", "parties.add_company", "building"),
            Item(_("Contact"), "parties:contact_create", "parties.add_contact", "address-book"),
            Item(_("Opportunity"), "opportunities:opportunity_create", "opportunities.add_opportunity", "target-arrow"),
            Item(_("Activity"), "activities:activity_create", "activities.add_activity", "checklist"),
            Item(_("Case"), "customercare:case_create", "customercare.add_case", "lifebuoy"),
        ),
    ),
)

#: Pages that are in no menu of the frame's side, for the search box.
COMMANDS = (
    Section(
        "",
        (
            Item(_("My profile"), "people:profile", "", "user-cog"),
            Item(_("Sign-in and security"), "mfa_index", "", "shield-lock"),
            Item(_("Change password"), "account_change_password", "", "key"),
            Item(_("Notifications"), "activities:notifications", "", "bell"),
            Item(_("Notification settings"), "activities:notification_choices", "", "bell-cog"),
            Item(_("My calendar"), "activities:calendar", "", "calendar"),
            Item(_("Why not me"), "leads:why_not_me", "leads.view_assignment", "zoom-question"),
            Item(_("API tokens"), "core:apitoken_list", "", "api"),
            Item(_("Keyboard"), "core:keyboard", "", "keyboard"),
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

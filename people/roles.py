"""Roles and their rights: one table. Roles are Django groups, brought in line with this table at each migrate.

A right is written `app.action_model`; `app.verbs_model` means every verb of that model. `see_team_`/`see_all_` widen the rows
(without them one sees one's own), see core/access.py. Administrators are superusers in the admin; the role gives them every
right, so that pages need no special case.
"""

from dataclasses import dataclass
from typing import Any

from django.apps import AppConfig, apps
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Role:
    """A role: its name as a group, and its rights."""

    label: Any
    rights: tuple[str, ...]
    in_admin: bool = False


def crud(*models: str) -> tuple[str, ...]:
    """view, add and change of each model ("app.model")."""
    return tuple(f"{m.split('.')[0]}.{act}_{m.split('.')[1]}" for m in models for act in ("view", "add", "change"))


def see(scope: str, *models: str) -> tuple[str, ...]:
    return tuple(f"{m.split('.')[0]}.{scope}_{m.split('.')[1]}" for m in models)


#: Those who answer for the company's letters: templates, and e-mails that nobody knows the record of.
LETTERS = (*crud("activities.mailtemplate"), "activities.attach_email")
#: Writing to many, and to each when the time has come: to those only who have agreed to it.
NURTURING = (
    *crud("leads.segment", "leads.sequence", "leads.mailing"),
    *("leads.view_enrolment", "leads.add_enrolment"),
    *see("see_all", "leads.sequence", "leads.mailing", "leads.enrolment"),
    *("leads.verbs_sequence", "leads.verbs_mailing", "leads.verbs_enrolment"),
)
SALES_DOCUMENTS = ("leads.lead", "opportunities.opportunity", "quotes.quote", "orders.salesorder", "orders.contract")
PARTIES = ("parties.company", "parties.contact")
EVERYONE = (
    *see("view", *PARTIES, "catalog.product"),
    *see("see_all", *PARTIES),
    *crud("activities.activity"),
    "activities.add_note",
    "activities.view_email",
    "activities.add_email",
    # A program may do in one's name what one may do oneself.
    "core.add_apitoken",
    # Everybody who works here writes down their own hours.
    "projects.view_timeentry",
    "projects.add_timeentry",
)
SALES_VERBS = (
    "leads.verbs_lead",
    "opportunities.verbs_opportunity",
    "quotes.submit_quote",
    "quotes.send_quote",
    "quotes.revise_quote",
    "quotes.accept_quote",
    "quotes.decline_quote",
    "orders.validate_salesorder",
    "orders.contract_order_salesorder",
    "orders.cancel_salesorder",
    "orders.sign_contract",
    "orders.close_contract",
    "orders.renew_contract",
    "orders.terminate_contract",
)
#: Bringing in files: `import_lists` is for people only (a fair's visitors), `import_records` for whatever the role may
#: add and change. Company data and price lists stay with those who answer for them.
IMPORTS = (
    "core.view_importrun",
    "core.add_importrun",
    *(f"core.{verb}_importrun" for verb in ("assign_columns", "assign_words", "dry_run", "start", "cancel", "undo")),
)
#: What people have agreed to: read, and written down, of those whose record one sees.
CONSENTS = ("core.view_consent", "core.add_consent", "core.view_purpose")
#: Web forms, and what came in by them and by the other doors.
CAPTURING = (*crud("leads.webform"), "leads.view_capture", "leads.change_capture")
#: The score: its rules, and what was learnt.
SCORING = ("leads.view_scoreversion", "leads.change_scoreversion", "leads.view_ruleset", "leads.change_ruleset")
#: Who is invited to a campaign, what they say, and who comes.
CAMPAIGN_LISTS = ("leads.view_campaignmember", "leads.add_campaignmember", "leads.verbs_campaignmember")
SALES = (
    *EVERYONE,
    *IMPORTS,
    *CONSENTS,
    "core.import_lists",
    *crud("leads.lead", "opportunities.opportunity", "quotes.quote", "parties.company", "parties.contact"),
    *see("view", "orders.salesorder", "orders.contract", "leads.campaign", "projects.project", "invoicing.invoice"),
    *see("see_all", "leads.campaign"),
    *(
        "orders.add_salesorder",
        "orders.change_salesorder",
        "orders.add_contract",
        "orders.change_contract",
        "projects.add_project",
    ),
    *("customercare.add_case", "customercare.view_case", "core.view_delivery"),
    *("leads.merge_lead", "parties.merge_contact"),
    *("leads.view_sequence", "leads.see_all_sequence", "leads.view_enrolment", "leads.add_enrolment"),
    *("leads.pause_enrolment", "leads.resume_enrolment", "leads.stop_enrolment"),
    "leads.view_ruleset",
    *CAMPAIGN_LISTS,
    *SALES_VERBS,
)
MANAGER = (
    *SALES,
    *LETTERS,
    *NURTURING,
    "activities.see_all_email",
    *see("see_team", *SALES_DOCUMENTS),
    *see(
        "see_all", *SALES_DOCUMENTS, "projects.project", "invoicing.invoice", "customercare.case", "activities.activity"
    ),
    "leads.verbs_campaign",
    "leads.see_all_campaignmember",
    *crud("leads.campaign", "activities.plan", "activities.planstep"),
    *crud("core.tag", "leads.lostreason", "leads.assignmentrule", "people.workingcalendar"),
    "leads.view_assignment",
    *CAPTURING,
    *SCORING,
    "opportunities.view_stageprobability",
    "opportunities.change_stageprobability",
    "core.delete_tag",
    "activities.delete_plan",
    "activities.delete_planstep",
    "quotes.approve_quote",
    "quotes.reject_quote",
    "orders.approve_salesorder",
    "orders.reject_salesorder",
    "orders.view_salesorder",
    "purchasing.view_purchaseorder",
    "purchasing.see_all_purchaseorder",
    "purchasing.approve_purchaseorder",
    *("projects.see_all_timeentry", "projects.view_expense", "projects.see_all_expense"),
    "core.view_delivery",
    "core.resend_delivery",
    "core.share_savedview",
    "core.see_costs",
    "core.import_records",
    "parties.merge_company",
    "insights.view_dashboard",
    "insights.view_attribution",
)
MARKETING = (
    *EVERYONE,
    "insights.view_attribution",
    *LETTERS,
    *IMPORTS,
    *CONSENTS,
    "core.import_records",
    *NURTURING,
    *crud("leads.lead", "leads.campaign"),
    *see("see_all", "leads.lead", "leads.campaign", "leads.campaignmember"),
    *CAMPAIGN_LISTS,
    "leads.verbs_campaign",
    "leads.invite_lead",
    *CAPTURING,
    *SCORING,
    "leads.assign_lead",
    "leads.lose_lead",
    "leads.merge_lead",
)
PROJECT_MANAGER = (
    *EVERYONE,
    *crud(
        "projects.project", "projects.timeentry", "projects.expense", "purchasing.purchaseorder", "customercare.case"
    ),
    *see("view", "orders.contract", "orders.salesorder", "people.employee"),
    *see(
        "see_all", "projects.project", "projects.timeentry", "projects.expense", "orders.contract", "orders.salesorder"
    ),
    *see("see_all", "people.employee", "purchasing.purchaseorder"),
    "projects.verbs_project",
    "orders.close_contract",
    "invoicing.add_invoice",
    "invoicing.view_invoice",
    "purchasing.receive_purchaseorder",
    "core.see_costs",
)
BUYER = (
    *EVERYONE,
    *IMPORTS,
    "core.import_records",
    *crud("purchasing.purchaseorder", "catalog.product", "parties.company", "parties.contact"),
    *see("view", "projects.project"),
    *see("see_all", "purchasing.purchaseorder", "projects.project"),
    "purchasing.approve_purchaseorder",
    "purchasing.receive_purchaseorder",
    "purchasing.cancel_purchaseorder",
    "core.see_costs",
)
ACCOUNTANT = (
    *EVERYONE,
    *crud("invoicing.invoice", "parties.company", "parties.contact"),
    *see(
        "view", "orders.contract", "orders.salesorder", "projects.project", "purchasing.purchaseorder", "core.delivery"
    ),
    *see("see_all", "invoicing.invoice", "orders.contract", "orders.salesorder", "projects.project"),
    *see("see_all", "purchasing.purchaseorder"),
    *("projects.view_expense", "projects.see_all_expense", "projects.see_all_timeentry"),
    "invoicing.verbs_invoice",
    *("parties.merge_company", "parties.merge_contact"),
    "orders.close_contract",
    "core.resend_delivery",
    "core.see_costs",
    "insights.view_dashboard",
)
CARE = (
    *EVERYONE,
    *CONSENTS,
    *LETTERS,
    *crud("customercare.case", "parties.contact"),
    *see("view", "orders.contract", "projects.project"),
    *see("see_all", "customercare.case", "orders.contract", "projects.project"),
    "customercare.verbs_case",
    "parties.merge_contact",
)
HR = (
    *EVERYONE,
    *crud("people.employee", "people.costrate", "people.leave", "people.workingcalendar"),
    *see("view", "projects.timeentry"),
    *see("see_all", "people.employee", "projects.timeentry"),
    "core.see_costs",
)

ROLES: dict[str, Role] = {
    "sales": Role(_("Sales representative"), SALES),
    "manager": Role(_("Sales manager"), MANAGER, in_admin=True),
    "marketing": Role(_("Marketing"), MARKETING),
    "pm": Role(_("Project manager"), PROJECT_MANAGER),
    "buyer": Role(_("Buyer"), BUYER),
    "accountant": Role(_("Accountant"), ACCOUNTANT),
    "care": Role(_("Customer care agent"), CARE),
    "hr": Role(_("Human resources"), HR),
    "admin": Role(_("Administrator"), ("*",), in_admin=True),
}


def sync_roles(using: str = "default", **_kwargs: Any) -> None:
    """Make the groups and give each exactly the rights of the table; an unknown right stops the migration."""
    from django.contrib.auth.models import Group, Permission

    known = {
        f"{app}.{code}": pk
        for pk, app, code in Permission.objects.using(using).values_list("pk", "content_type__app_label", "codename")
    }
    for name, role in ROLES.items():
        group, _created = Group.objects.using(using).get_or_create(name=name)
        group.permissions.set([known[right] for right in _expand(role.rights, known)])


def _expand(rights: tuple[str, ...], known: dict[str, int]) -> set[str]:
    from core.lifecycle import verbs

    found: set[str] = set()
    for right in rights:
        app, _dot, rest = right.partition(".")
        if right == "*":
            found |= set(known)
        elif rest.startswith("verbs_"):
            found |= {verb.permission for verb in verbs(apps.get_model(app, rest.removeprefix("verbs_"))).values()}
        elif right in known:
            found.add(right)
        else:
            raise LookupError(f"people/roles.py names an unknown right: {right}")
    return found


def sync_after_last_app(app_config: AppConfig, using: str = "default", **_kwargs: Any) -> None:
    """post_migrate runs once per app; rights of all apps exist after the last one."""
    last = [config for config in apps.get_app_configs() if config.models_module is not None][-1]
    if app_config.label == last.label:
        sync_roles(using)

"""The pages that are measured, with records of whole deals: found in the database, so that large and small are alike."""

from typing import Any

from django.db import connection
from django.db.models import Count
from django.urls import NoReverseMatch, reverse

from core.pages import keyset
from core.registry import thread_stages

#: How many records a record page takes turns with.
RECORDS = 8
MODELS = (
    "leads.lead", "leads.campaign", "opportunities.opportunity", "quotes.quote", "orders.salesorder", "orders.contract",
    "projects.project", "purchasing.purchaseorder", "invoicing.invoice", "customercare.case", "parties.company",
    "parties.contact", "catalog.product", "activities.activity", "people.employee", "core.delivery",
    "activities.email", "activities.mailtemplate", "core.consent", "core.tag", "leads.assignmentrule", "leads.campaignmember",
    "leads.capture", "leads.enrolment", "leads.mailing", "leads.ruleset", "leads.segment", "leads.sequence", "leads.webform",
    "projects.entry", "projects.expense", "projects.timeentry",
)  # fmt: skip
#: Who looks, where the manager may not.
READERS = {"people.employee": "hr", "core.delivery": "admin"}
#: What a seller sees is narrowed to their own rows: another question to the database.
OF_SALES = ("leads.lead", "opportunities.opportunity", "quotes.quote", "orders.salesorder", "invoicing.invoice")
QUEUES = (
    "insights:dashboard",
    "insights:campaigns",
    "invoicing:to_invoice",
    "invoicing:collection",
    "projects:timesheet",
)
#: Forms that look for what is chosen in them.
FORMS = ("leads.lead", "opportunities.opportunity", "purchasing.purchaseorder", "parties.company", "parties.contact")
#: Pages of one record that fetch what goes through everything, and come without it; the list at an event's door.
OF_RECORDS = {
    "leads:assignmentrule_simulation": "leads.assignmentrule",
    "leads:ruleset_preview": "leads.ruleset",
    "insights:campaign_result": "leads.campaign",
    "leads:check_in": "leads.campaign",
}
#: The largest tables of the admin.
ADMIN = (
    "core.event", "core.delivery", "leads.lead", "quotes.quote", "invoicing.invoice", "invoicing.payment",
    "projects.entry", "projects.timeentry", "activities.note", "parties.company", "orders.contract",
)  # fmt: skip


def compared() -> dict[str, tuple[list[str], list[str]]]:
    """The pages that have a yardstick, and its addresses: the same rows by the same order."""
    word, name = common_word(), rare_name()
    leads = [str(deal["lead"]) for deal in deals()]
    return {
        "list": (["/leads/?state=working&sort=-score"], ["/bare/list/?state=working"]),
        "record": ([f"/leads/{pk}/" for pk in leads], [f"/bare/record/{pk}/" for pk in leads]),
        "board": (["/leads/board/"], ["/bare/board/"]),
        "search, a name": ([f"/search/?q={name}"], [f"/bare/search/?q={name}"]),
        "search, a common word": ([f"/search/?q={word}"], [f"/bare/search/?q={word}"]),
    }


def everything() -> dict[str, tuple[str, list[str]]]:
    """Every list, board, record page and queue: name -> (who looks at it, addresses)."""
    found: dict[str, tuple[str, list[str]]] = {}
    for label in MODELS:
        reader = READERS.get(label, "manager")
        found[f"{label} list"] = (reader, [_url(label, "list")])
        if board := _url(label, "board"):
            found[f"{label} board"] = (reader, [board])
        if records := [url for pk in records_of(label) if (url := _url(label, "detail", pk))]:
            found[f"{label} record"] = (reader, records)
    for label in OF_SALES:
        found[f"{label} list, own rows"] = ("sales", [_url(label, "list")])
    for role in ("manager", "sales", "accountant", "pm", "care"):
        found[f"home of {role}"] = (role, ["/"])
    for name in QUEUES:
        found[name] = ("accountant" if "invoic" in name else "manager", [reverse(name)])
    return {name: (role, urls) for name, (role, urls) in {**found, **_further(), **_leads()}.items() if urls[0]}


def _further() -> dict[str, tuple[str, list[str]]]:
    """Forms, analyses without what they fetch, and the admin."""
    found = {f"{label} form": ("admin", [_url(label, "create")]) for label in FORMS}
    found |= {name: ("manager", [reverse(name, args=[pk]) for pk in records_of(of)]) for name, of in OF_RECORDS.items()}
    found |= {f"{label} in the admin": ("admin", [_url(f"admin.{label}", "changelist")]) for label in ADMIN}
    orders = _url("admin.orders.salesorder", "changelist")
    found["orders to approve in the admin"] = ("manager", [orders])
    found["orders.salesorder in the admin"] = ("manager", [f"{orders}?queue=all"])
    return found | {"core:retention": ("admin", [reverse("core:retention")])}


def _leads() -> dict[str, tuple[str, list[str]]]:
    """The list of leads in all its ways, and what is typed into its boxes."""
    word, name = common_word(), rare_name()
    return {
        "leads, filtered and sorted": ("manager", ["/leads/?state=working&sort=-score"]),
        "leads, in the middle": ("manager", [f"/leads/?after={middle()}"]),
        "leads, hot ones": ("manager", ["/leads/?hot=true&sort=-score"]),
        "leads, by name": ("manager", ["/leads/?sort=name"]),
        "leads, mine and open": ("sales", ["/leads/?mine=1&open=true"]),
        "leads, unassigned": ("sales", ["/leads/?unassigned=true"]),
        "leads, a name typed": ("manager", [f"/leads/?q={name}"]),
        "leads, a common word typed": ("manager", [f"/leads/?q={word}"]),
        "search, a name": ("manager", [f"/search/?q={name}"]),
        "search, a common word": ("manager", [f"/search/?q={word}"]),
        "search, a phone": ("manager", [f"/search/?q={phone()}"]),
    }


def _url(label: str, page: str, *arguments: Any) -> str:
    """The address of a page of a model; `admin.leads.lead` is the model in the admin."""
    *space, app, model = label.split(".")
    try:
        return reverse(f"{space[0]}:{app}_{model}_{page}" if space else f"{app}:{model}_{page}", args=arguments)
    except NoReverseMatch:
        return ""


def deals() -> list[dict[str, int]]:
    """Deals that went all the way, with three lines in the quote and one invoice, spread over the years."""
    from invoicing.models import Invoice

    lines = Count("contract__order__quote__lines", distinct=True)
    paid = Invoice.objects.filter(state="paid").annotate(quoted=lines).filter(quoted=3).order_by("pk")
    threads = list(paid.exclude(contract__order=None).values_list("thread", flat=True))
    step = max(1, len(threads) // RECORDS)
    return [_documents(thread) for thread in threads[::step][:RECORDS]]


def _documents(thread: int) -> dict[str, int]:
    """The first document of each stage of a deal, by stage."""
    found = {}
    for stage in thread_stages:
        model: Any = stage.model
        if pk := model.objects.filter(thread=thread).order_by("pk").values_list("pk", flat=True).first():
            found[stage.model._meta.label_lower] = pk
            found[stage.key] = pk
    return found


def records_of(label: str) -> list[int]:
    """Records of one kind: documents of whole deals, their customers, else some from all over the table."""
    from django.apps import apps

    from leads.models import Lead

    chosen = deals()
    if found := [deal[label] for deal in chosen if label in deal]:
        return found
    leads = Lead.objects.filter(pk__in=[deal["lead"] for deal in chosen]).exclude(company=None)
    if label == "parties.company":
        return list(leads.order_by("pk").values_list("company", flat=True))
    if label == "parties.contact":
        return list(leads.order_by("pk").exclude(contact=None).values_list("contact", flat=True))
    rows = apps.get_model(label)._default_manager.order_by("pk")
    # Private letters are their people's alone: a manager gets 404.
    rows = rows.filter(private=False) if label == "activities.email" else rows
    keys = list(rows.values_list("pk", flat=True))
    return keys[:: max(1, len(keys) // RECORDS)][:RECORDS]


def common_word() -> str:
    """The word that most leads have."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM ts_stat('SELECT search FROM leads_lead') WHERE word ~ '^[a-z]{4,}$' ORDER BY ndoc DESC LIMIT 1"
        )
        return str(cursor.fetchone()[0])


def rare_name() -> str:
    """A first and a last name, as people type them: few have both."""
    from leads.models import Lead

    first, last = Lead.objects.exclude(last_name="").order_by("pk").values_list("first_name", "last_name")[0]
    return f"{first}+{last}".replace(" ", "+")


def phone() -> str:
    from leads.models import Lead

    number = Lead.objects.exclude(phone="").order_by("pk").values_list("phone", flat=True)[0]
    return "".join(c for c in number if c.isdigit())[-10:]


def middle() -> str:
    """The cursor of the lead half-way through the list."""
    from leads.models import Lead

    rows = Lead.objects.order_by("-created_at", "-pk").values_list("pk", "created_at")
    return keyset.encode(rows[rows.count() // 2])


def searches() -> dict[str, str]:
    """What people type into the search box, by what it is."""
    name = rare_name()
    return {
        "a first and a last name": name,
        "the beginning of a name": name.split("+")[1][:4],
        "two letters": name.split("+")[1][:2],
        "the most common word": common_word(),
        "a common word and a name": f"{common_word()}+{name.split('+')[1]}",
        "words of titles": "manutenzione+impianti",
        "a phone": phone(),
        "a document's number": _number(),
        "what is nowhere": "xyzzyqu",
    }


def _number() -> str:
    from invoicing.models import Invoice

    number = Invoice.objects.exclude(number="").order_by("pk").values_list("number", flat=True)[0]
    return str(number).replace(" ", "+")

"""Children of every kind, in the states that freeze them; and dumps of whole tables, to be compared row by row."""

import itertools
from typing import Any

from django.apps import apps
from django.db import connection
from django.utils import timezone

from activities.models import Notification
from core import history, outbox
from core.access import JOB
from core.models import Consent, DataAccess, Purpose
from core.references import references_to
from leads import touches
from leads.models import Assignment, Capture, Edition, OptIn, Send
from opportunities.models import Conversion
from tests.factories import (
    ActivityFactory,
    AssignmentRuleFactory,
    CampaignMemberFactory,
    CaseFactory,
    CompanyFactory,
    ContactFactory,
    ContractFactory,
    EmailFactory,
    EnrolmentFactory,
    InvoiceFactory,
    LeadFactory,
    NoteFactory,
    OpportunityFactory,
    ProjectFactory,
    PurchaseOrderFactory,
    QuoteFactory,
    SalesOrderFactory,
    UserFactory,
    WebFormFactory,
)

_count = itertools.count()
#: Rows that only tell what happened, and grow by telling of a merge and its undoing.
LOGS = ("core_event", "core_merge", "core_likelypair", "leads_campaigntally", "django_session")


def said_of(record: Any) -> None:
    """A row of every generic relation."""
    n = next(_count)
    user = UserFactory()
    ActivityFactory(subject=record, owner=user)
    NoteFactory(subject=record, author=user)
    EmailFactory(subject=record, owner=user)
    outbox.send(
        channel="email", key=f"merge-{n}", subject=record, payload={"to": []}, files=[("a", "text/plain", b"a")]
    )
    event = history.record(f"{record._meta.model_name}.created", record, by=JOB)
    Notification.objects.create(
        user=user, kind="assigned", name="lead.assigned", subject=record, actor_name="E", cause=f"event-{event.pk}"
    )
    EmailFactory(subject=record, owner=user)
    purpose, _created = Purpose.objects.get_or_create(name="News", code="news")
    Consent.objects.create(subject=record, purpose=purpose, given=True, at=timezone.now(), source="paper")
    nurtured(record, purpose)
    DataAccess.objects.create(subject=record, user=user, user_name="E", act=DataAccess.Act.OPENED)


def nurtured(record: Any, purpose: Purpose) -> None:
    """In a sequence, and written to by it."""
    email = f"nurtured-{next(_count)}@x.example"
    enrolment = EnrolmentFactory(subject=record, email=email, sequence__purpose=purpose)
    edition, _created = Edition.objects.get_or_create(digest="x", title="News", text="News", language="it")
    Send.objects.create(subject=record, enrolment=enrolment, purpose=purpose, edition=edition, email=email)


def of_company(company: Any, rich: bool = True) -> None:
    """What hangs on a company: drafts, and documents that the database has frozen."""
    said_of(company)
    ContactFactory(company=company)
    LeadFactory(company=company, state="converted")
    CompanyFactory(parent=company)
    documents(company, None, rich)
    PurchaseOrderFactory(supplier=company, state="received" if rich else "draft")


def of_contact(contact: Any, rich: bool = True) -> None:
    said_of(contact)
    CampaignMemberFactory(lead=None, contact=contact)
    LeadFactory(contact=contact, state="converted")
    documents(contact.company or CompanyFactory(), contact, rich)


def of_lead(lead: Any, rich: bool = True) -> None:
    said_of(lead)
    CampaignMemberFactory(lead=lead)
    rule = AssignmentRuleFactory()
    Assignment.objects.create(lead=lead, user=UserFactory(), rule=rule, reason="x", counts_on=timezone.localdate())
    capture = Capture.objects.create(form=WebFormFactory(), channel="form", key="k", state="taken", lead=lead)
    touches.record(lead, at=timezone.now(), channel="form", source="google", form=capture.form, capture=capture)
    OptIn.objects.create(capture=capture, lead=lead, email=lead.email, nonce="n")
    if rich:
        deal = OpportunityFactory(lead=lead, thread=lead.thread)
        Conversion.objects.create(lead=lead, opportunity_id=deal.pk, actor_name="E")


def documents(company: Any, contact: Any, rich: bool) -> None:
    more = {"company": company, **({"contact": contact} if contact else {})}
    deal = OpportunityFactory(**more, state="won" if rich else "identified")
    quote = QuoteFactory(opportunity=deal, **more, state="accepted" if rich else "draft")
    CaseFactory(**more)
    if rich:
        order = SalesOrderFactory(quote=quote, **more, state="contracted")
        contract = ContractFactory(order=order, **more, state="active")
        ProjectFactory(contract=contract, company=company, state="closed")
        InvoiceFactory(contract=contract, **more, state="issued")
        InvoiceFactory(contract=contract, **more, state="draft")


def children(record: Any) -> dict[str, int]:
    """Name of each reference -> how many rows point at the record."""
    kind = type(record)
    return {r.name: r.rows(kind, record.pk).count() for r in references_to(kind)}


def dump() -> dict[str, dict[str, str]]:
    """Every table as text: table -> key -> row."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            table, key = model._meta.db_table, model._meta.pk.column
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT "{key}"::text, t::text FROM "{table}" t')  # noqa: S608
                found[table] = dict(cursor.fetchall())
    return found


def is_log(table: str) -> bool:
    return (
        table in LOGS
        or any(hasattr(m, "pgh_tracked_model") for m in apps.get_models() if m._meta.db_table == table)
        or table.startswith("pghistory")
    )


def compare(before: dict[str, dict[str, str]], after: dict[str, dict[str, str]]) -> list[str]:
    """Tables and rows that are not as they were; of what only tells, rows may be added and none be changed."""
    wrong = []
    for table, rows in before.items():
        if table == "leads_campaigntally":
            continue
        now = after[table]
        if is_log(table):
            now = {key: row for key, row in now.items() if key in rows}
        wrong += [
            f"{table} {key}: {rows.get(key)} -> {now.get(key)}"
            for key in {*rows, *now}
            if rows.get(key) != now.get(key)
        ]
    return wrong


MAKERS = {
    "company": (CompanyFactory, of_company),
    "contact": (ContactFactory, of_contact),
    "lead": (LeadFactory, of_lead),
}
__all__ = ["MAKERS", "children", "compare", "dump"]

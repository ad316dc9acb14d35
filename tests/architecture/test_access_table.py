"""Role by address: who may open what. The table beside this file is complete, and a new address has to be written into it.

Each line is an address and the answer each role gets to GET: 200 shown, 302 sent elsewhere, 403 no right, 404 no such record
for them, 405 only POST, 409 not possible now. The records belong to `sales`; `sales2` is in another team. Rewrite it with
`ZENCRM_WRITE_ACCESS_TABLE=1 pytest tests/architecture/test_access_table.py`, then read its diff as carefully as code.
"""

import os
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.urls import URLPattern
from django.utils import timezone

from core import merging, outbox
from core.lifecycle import verbs
from core.models import ApiToken, File, SavedView, Webhook
from tests import factories
from tests.architecture.addresses import address, arguments, named_urls
from tests.conftest import ROLE_NAMES
from tests.core.fields import make_field, make_tags
from zencrm.api import APIS

TABLE = Path(__file__).with_name("access_table.txt")
#: {prefix of the API: the kind of its records}.
OF_THE_API = {api.prefix: api.model._meta.model_name for api in APIS}
OF_THE_API["notes"] = "note"  # no document of its own, but it has addresses
#: The verbs of the API are asked as they want it, by POST and for every role, in tests/api/test_rights.py.
ONLY_POST = {f"api:{api.prefix}_{act}" for api in APIS for act in api.all_acts()}


@pytest.fixture
def records(cast: Any) -> dict[str, Any]:
    """One record of each kind, of one deal, all of them sales'."""
    mine = {"owner": cast.sales}
    invoice = factories.InvoiceFactory(**mine)
    contract = invoice.contract
    order, quote = contract.order, contract.order.quote
    for document in (contract, order, quote, quote.opportunity):
        type(document).objects.filter(pk=document.pk).update(**mine)
    project = factories.ProjectFactory(contract=contract, owner=cast.pm)
    found = {
        "lead": factories.LeadFactory(state="qualified", **mine),
        "campaign": factories.CampaignFactory(),
        "opportunity": quote.opportunity,
        "quote": quote,
        "salesorder": order,
        "order": order,
        "contract": contract,
        "project": project,
        "invoice": invoice,
        "case": factories.CaseFactory(**mine),
        "company": contract.company,
        "contact": factories.ContactFactory(company=contract.company),
        "product": factories.ProductFactory(),
        "employee": factories.EmployeeFactory(),
        "purchaseorder": factories.PurchaseOrderFactory(project=project, owner=cast.buyer),
    }
    return found | others(cast, found)


def others(cast: Any, found: dict[str, Any]) -> dict[str, Any]:
    from activities import calendar, notifications
    from activities.mail import sending
    from activities.models import Activity, MailTemplate, Note, Notification
    from leads.models import CampaignCost, LostReason
    from opportunities.models import StageProbability
    from people.models import Leave
    from projects.models import Expense, TimeEntry

    day = "2026-01-07"
    project, employee = found["project"], found["employee"]
    note = Note.objects.create(subject=found["lead"], body="Called", author=cast.sales)
    note.files.add(File.store(name="a.txt", mime="text/plain", content=b"a"))
    delivery = outbox.send(
        channel="email", key="k", subject=found["quote"], payload={"to": []}, files=[("a.txt", "text/plain", b"a")]
    )
    notifications.tell(
        [cast.sales], kind="assigned", name="lead.assigned", subject=found["lead"], actor_name="E", cause="event-0"
    )
    told = Notification.objects.get()
    email = sending.send_email(subject=found["lead"], by=cast.sales, to=["a@b.example"], title="Pumps", text="Pumps")
    email.files.add(File.store(name="a.txt", mime="text/plain", content=b"a"))
    twins = factories.CompanyFactory.create_batch(2)
    member = factories.CampaignMemberFactory(campaign=found["campaign"], lead=found["lead"])
    return {
        "campaignmember": member,
        "campaigncost": CampaignCost.objects.create(campaign=found["campaign"], what="Stand", amount=9),
        "email": email,
        "mailtemplate": MailTemplate.objects.create(name="Hello", title_it="Salve", text_it="Salve"),
        "same company": {"pk": twins[0].pk, "other": twins[1].pk},
        "conversion": found["lead"],
        "a merge": merging.merge(keep=found["company"], absorb=factories.CompanyFactory(), by=cast.manager),
        "activity": Activity.objects.create(subject=found["lead"], summary="Call", owner=cast.sales),
        "note": note,
        "leave": Leave.objects.create(employee=employee, starts_on=day, ends_on=day),
        "timeentry": TimeEntry.objects.create(project=project, employee=employee, on=day, hours=2, cost_rate=30),
        "expense": Expense.objects.create(project=project, on=day, description="x", amount=9, booked_by=cast.pm),
        "delivery": delivery,
        "importrun": factories.ImportRunFactory(owner=cast.sales),
        "webhook": Webhook.objects.create(name="Shop", url="https://example.com/", owner=cast.admin, is_active=False),
        "customfield": make_field(type(found["company"]), "sector", "choice", choices=["Steel", "Food"], in_list=True),
        "tag": make_tags("Fair")[0],
        "record": found["company"],
        "lostreason": LostReason.objects.first(),
        "assignmentrule": factories.AssignmentRuleFactory(members={cast.sales: 1}),
        "workingcalendar": factories.WorkingCalendarFactory(),
        "stageprobability": StageProbability.objects.first(),
        "notification": told,
        **score_rules(cast),
        **privacy(cast, found),
        **captured(found),
        **nurture(cast, found),
        "calendar key": calendar.open_feed(cast.sales),
        "savedview": SavedView.objects.create(
            owner=cast.sales, name="Mine", model=ContentType.objects.get_for_model(found["lead"])
        ),
    }


def score_rules(cast: Any) -> dict[str, Any]:
    """A draft; the address of a rule begins with that of its version."""
    from leads.scoring import ruling

    draft = ruling.begin(by=cast.marketing)
    return {"ruleset": draft, "scorerule": draft, "rule": draft.rules.first()}


def privacy(cast: Any, found: dict[str, Any]) -> dict[str, Any]:
    from core.models import Erasure, Purpose, PurposeText
    from core.privacy import consent

    purpose = Purpose.objects.create(name="Newsletter", code="newsletter")
    PurposeText.objects.create(purpose=purpose, version=1, text_it="Ci sto")
    facts = {"purpose": purpose, "source": "form", "evidence": "x"}
    proof = [SimpleNamespace(name="a.txt", mime="text/plain", content=b"a")]
    given = consent.give(subject=found["lead"], by=cast.sales, files=proof, **facts)
    erasure = Erasure.objects.create(subject=found["lead"], reason="request", by=cast.admin, by_name="Admin")
    return {"purpose": purpose, "consent": given, "person": found["lead"], "erasure": erasure}


def captured(found: dict[str, Any]) -> dict[str, Any]:
    from leads.capture import opting
    from leads.models import Capture, OptIn

    form = factories.WebFormFactory()
    capture = Capture.objects.create(form=form, channel="form", key="k", state="stopped", payload={"fields": {}})
    asked = OptIn.objects.create(capture=capture, lead=found["lead"], email=found["lead"].email, nonce="n")
    opt = {"in": opting.token_of(asked)}
    return {"webform": form, "capture": capture, "check": found["campaign"], "opt": opt}


def nurture(cast: Any, found: dict[str, Any]) -> dict[str, Any]:
    """A sequence with the lead in it, a mailing, and the links of a mail of it."""
    from leads.models import Edition, Send
    from leads.nurture import links

    mine = {"owner": cast.sales}
    sequence = factories.SequenceFactory(state="paused", **mine)
    mailing = factories.MailingFactory(**mine)
    edition = Edition.objects.create(digest="x", title="x", text="x", language="it", links=["https://example.com/"])
    lead = found["lead"]
    send = Send.objects.create(
        subject=lead, mailing=mailing, purpose=mailing.purpose, edition=edition, email=lead.email
    )
    choices = links.token("choices", send.pk)
    return {
        "mail": {
            "opened": links.token("open", send.pk),
            "click": links.token("click", send.pk, 0),
            "choices": choices,
            "unsubscribe": choices,
        },
        "segment": factories.SegmentFactory(owner=cast.marketing),
        "sequence": sequence,
        "step": sequence.steps.get(),
        "enrolment": factories.EnrolmentFactory(sequence=sequence, subject=found["lead"], **mine),
        "mailing": mailing,
    }


def values(name: str, pattern: URLPattern, records: dict[str, Any]) -> dict[str, Any]:
    """What the address's converters stand for."""
    names = arguments(pattern)
    if not names:
        return {}
    kind, _sep, page = name.partition(":")[2].partition("_")
    kind = OF_THE_API.get(kind, kind) if name.startswith("api:") else kind
    subject = page.removeprefix("from_") if page.startswith("from_") else kind
    known = {"app": "parties", "model": "company", "token": records["quote"].token}
    known |= {"key": records["calendar key"], "step": records["step"].pk, "rule": records["rule"].pk}
    if name.startswith("leads:"):
        known["token"] = records["webform"].token
    known |= {"key": records["calendar key"], "campaign": records["campaign"].pk, "name": "need"}
    known |= {"subject": records["company"].pk, "note": records["note"].pk, "pk": records["note"].files.first().pk}
    record = records.get(subject)
    if kind == "person":
        known |= {"app": "leads", "model": "lead", "subject": record.pk, "code": records["purpose"].code}
    if kind == "retention":
        known["kind"] = "lost_leads"
    if "verb" in names:
        known["verb"] = next(verb.name for verb in verbs(type(record)).values() if verb.by_hand)
    if kind in ("mail", "opt"):
        return {"token": records[kind][page]}
    if "file" in names:
        known["file"] = record.files.first().pk
    if record is not None:
        known["pk"] = record.pk
    if kind == "merge":
        known |= records["same company"] if "app" in names else {"pk": records["a merge"].pk}
    return {key: known[key] for key in names}


def with_token(client: Any, user: Any) -> Any:
    """The same person's program: the API asks for a token, and takes no session."""
    _token, plain = ApiToken.issue(user=user, name="x", scope="write", expires_at=timezone.now() + timedelta(days=1))
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {plain}"
    return client


def ask(client: Any, url: str) -> int:
    response = client.get(url)
    if getattr(response, "streaming", False):
        assert b"".join(response.streaming_content)
    return int(response.status_code)


@pytest.mark.django_db
def test_the_table_of_access_is_complete_and_true(
    cast: SimpleNamespace, records: dict[str, Any], client_of: Any
) -> None:
    clients = {role: client_of(getattr(cast, role)) for role in ROLE_NAMES}
    programs = {role: with_token(client_of(getattr(cast, role)), getattr(cast, role)) for role in ROLE_NAMES}
    lines = [f"{'':<44}" + " ".join(f"{role:>10}" for role in ROLE_NAMES)]
    for name, pattern in sorted(item for item in named_urls() if item[0] not in ONLY_POST):
        url = address(name, pattern, values(name, pattern, records))
        of_role = programs if name.startswith("api:") else clients
        lines.append(f"{name:<44}" + " ".join(f"{ask(of_role[role], url):>10}" for role in ROLE_NAMES))
    found = "\n".join(lines) + "\n"
    if os.environ.get("ZENCRM_WRITE_ACCESS_TABLE"):
        TABLE.write_text(found)
    assert found.splitlines() == TABLE.read_text().splitlines()
    assert " 500" not in found


@pytest.mark.django_db
def test_visitors_without_an_account_see_only_what_is_public(records: dict[str, Any], client: Any) -> None:
    public = {
        "activities:calendar_feed",
        "leads:public_form",
        "leads:public_thanks",
        "leads:embedded_form",
        "leads:embedded_thanks",
        "leads:opt_in",
        "leads:mail_choices",
        "leads:mail_click",
        "leads:mail_opened",
        "leads:mail_unsubscribe",
        "leads:social_linkedin",
        "leads:social_meta",
        "quotes:public",
        "quotes:public_pdf",
        "quotes:public_accept",
        "quotes:public_decline",
        "healthz",
        "readyz",
    }
    for name, pattern in named_urls():
        status = ask(client, address(name, pattern, values(name, pattern, records)))
        if name not in public | {"core:styleguide"}:
            assert status in (302, 401, 405), f"{name} answered {status} to a visitor"


def test_every_record_type_has_a_factory() -> None:
    from core.models import Stateful

    made = {factory for factory in dir(factories) if factory.endswith("Factory")}
    for model in apps.get_models():
        if issubclass(model, Stateful) and model.__name__ != "Delivery":
            assert f"{model.__name__}Factory" in made

"""Pages of customer care."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.pages import ActPage, BoardPage, Column, DetailPage, FormPage, HandoverPage, ListPage, Panel
from customercare.filters import CaseFilter
from customercare.forms import CaseAboutForm, CaseForm
from customercare.models import Case
from customercare.services import open_case
from invoicing.models import Invoice
from orders.models import Contract
from parties.models import Company
from projects.models import Project

TABS = (
    (_("All"), ""),
    (_("Unassigned"), "unassigned=true"),
    (_("Mine"), "mine=1&open=true"),
    (_("Waiting"), "state=waiting"),
    (_("Open"), "open=true"),
)


class CaseList(ListPage):
    model = Case
    columns = (
        Column("number", link=True),
        Column("title", link=True),
        Column("company", link="company"),
        Column("priority"),
        Column("state"),
        Column("owner"),
        Column("created_at", label=_("Opened")),
        Column("channel", hide_on_phone=True),
    )
    filterset = CaseFilter
    views = TABS
    bulk_verbs = ("take",)
    empty_text = _("What customers ask or complain about appears here.")


class CaseBoard(BoardPage):
    model = Case
    filterset = CaseFilter
    card_title = "title"
    card_fields = ("number", "company", "priority", "owner")
    order = ("-priority", "created_at")
    rots_after = (3, 7)


class CaseDetail(DetailPage):
    model = Case
    figures = ("priority", "satisfaction")
    panels = (
        Panel(_("Case"), ("description", "channel", "created_at"), icon="lifebuoy"),
        Panel(_("Solution"), ("solution", "resolved_at", "closed_at"), icon="circle-check"),
        Panel(_("Customer"), ("company", "contact", "contact.email", "contact.phone"), icon="building"),
        Panel(_("About"), ("contract", "project", "invoice"), icon="link"),
    )

    def context(self, record: Case) -> dict[str, Any]:
        return super().context(record) | {"title": record.title}


class CaseCreate(FormPage):
    """A case by itself, or from the page of a company (?company=3)."""

    model = Case
    form_class = CaseForm

    def save(self, form: Any, lines: Any) -> Case:
        found = dict(form.cleaned_data)
        contract, project, invoice = (found.pop(name) for name in ("contract", "project", "invoice"))
        case = open_case(by=self.request.user, about=invoice or project or contract, **found)
        return _keep_links(case, contract=contract, project=project, invoice=invoice)


def _keep_links(case: Case, **links: Any) -> Case:
    """Every document that was named, not only the one the case joins the deal of."""
    missing = {name: record for name, record in links.items() if record is not None and getattr(case, name) != record}
    for name, record in missing.items():
        setattr(case, name, record)
    if missing:
        case.save(update_fields=[*missing, "updated_at"])
    return case


class CaseEdit(FormPage):
    model = Case
    form_class = CaseForm


class CaseAct(ActPage):
    model = Case


class _CaseAbout(HandoverPage):
    """Opens a case about the document of the page."""

    title = _("Open a case")
    makes = Case
    permission = "customercare.add_case"
    form_class = CaseAboutForm

    def perform(self, source: Any, facts: dict[str, Any]) -> Case:
        is_company = isinstance(source, Company)
        company = source if is_company else source.company
        contact = getattr(source, "contact", None)
        return open_case(
            company=company, about=None if is_company else source, contact=contact, by=self.request.user, **facts
        )


class CaseFromCompany(_CaseAbout):
    source = Company


class CaseFromContract(_CaseAbout):
    source = Contract


class CaseFromProject(_CaseAbout):
    source = Project


class CaseFromInvoice(_CaseAbout):
    source = Invoice

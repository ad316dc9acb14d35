"""Pages of projects, their ledger, and their costs."""

from typing import Any

from django.db.models import Count, Q, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import access
from core.forms import ReasonForm
from core.pages import (
    ActPage,
    BoardPage,
    Column,
    DetailPage,
    FormPage,
    HandoverPage,
    ListPage,
    Panel,
    Related,
)
from orders.models import Contract
from projects.filters import EntryFilter, ExpenseFilter, ProjectFilter
from projects.forms import BookExpenseForm, ProjectForm, StartProjectForm
from projects.models import Entry, Expense, Project
from projects.reports import hours_without_rate, ledger_url, profit_and_loss
from projects.services import book_expense, reverse_expense, start_project


class ProjectList(ListPage):
    model = Project
    columns = (
        Column("number", link=True),
        Column("name"),
        Column("company", link="company"),
        Column("state"),
        Column("owner", label=_("Project manager"), hide_on_phone=True),
        Column("progress", kind="percent", label=_("Progress"), hide_on_phone=True),
        Column("starts_on", hide_on_phone=True),
        Column("ends_on"),
        Column("revenue"),
    )
    filterset = ProjectFilter
    views = (
        (pgettext_lazy("projects and companies", "Mine"), "mine=1"),
        (_("In progress"), "state=in_progress"),
        (_("On hold"), "state=on_hold"),
        (_("To close"), "state=completed"),
    )
    empty_text = _("A project is opened from the page of a signed contract.")

    def links(self) -> dict[str, Any]:
        return super().links() | {"create_url": ""}


class ProjectBoard(BoardPage):
    model = Project
    filterset = ProjectFilter
    card_title = "name"
    card_fields = (
        Column("number"),
        Column("company"),
        Column("owner"),
        Column("progress", kind="percent"),
        Column("ends_on"),
    )
    sum_field = "revenue"


class ProjectDetail(DetailPage):
    model = Project
    template_name = "projects/project_detail.html"
    figures = ("revenue", ("progress_text", _("Progress")))
    panels = (
        Panel(
            _("Project"),
            (
                "company",
                "contract",
                ("owner", _("Project manager")),
                "starts_on",
                "ends_on",
                "closed_at",
                "description",
            ),
            icon="hammer",
        ),
    )
    related = (
        Related(
            _("Purchase orders"),
            "purchase_orders",
            ("number", "title", "state", "net"),
            permission="purchasing.view_purchaseorder",
        ),
        Related(
            _("Hours"),
            "worked",
            (Column("on", link=True), Column("employee"), Column("hours")),
            permission="projects.view_timeentry",
        ),
        Related(
            _("Other costs"),
            "expenses",
            (Column("description", link=True), Column("on"), Column("amount")),
            permission="projects.view_expense",
        ),
    )
    select_related = ("contract", "company")

    def context(self, record: Any) -> dict[str, Any]:
        user = self.request.user
        costs = access.can_see_costs(user)
        found = {
            "result": profit_and_loss(record, user),
            "ledger_url": ledger_url(record),
            "sees_costs": costs,
            "unrated": hours_without_rate(record) if costs else 0,
        }
        return super().context(record) | found


class ProjectEdit(FormPage):
    model = Project
    form_class = ProjectForm


class ProjectAct(ActPage):
    model = Project


class OpenProject(HandoverPage):
    """Contract -> project."""

    source = Contract
    form_class = StartProjectForm
    makes = Project
    service = staticmethod(start_project)
    source_argument = "contract"
    permission = "projects.add_project"
    title = label = _("Open the project")

    def initial(self, source: Any) -> dict[str, Any]:
        user = self.request.user
        return {"manager": user if user.has_perm("projects.start_project") else None}


class FromProject(HandoverPage):
    """Books something on a project, and comes back to it."""

    source = Project
    source_argument = "project"

    def perform(self, source: Any, facts: dict[str, Any]) -> Any:
        super().perform(source, facts)
        return source

    def go(self, url: str, message: str = "") -> Any:
        return super().go(url, str(_("Booked.")))


# --- Ledger ---------------------------------------------------------------------------------------------------------------


class LedgerList(ListPage):
    model = Entry
    permission = "projects.view_project"
    title = _("Ledger of projects")
    columns = (
        Column("on"),
        Column("kind"),
        Column("project__number", link="project", label=_("Project")),
        Column("description"),
        Column("source", kind="any", label=_("Document"), sort=False),
        Column("amount", kind="money", currency="EUR"),
    )
    filterset = EntryFilter
    search_fields = ("description", "project__number")
    default_sort = "-on"
    template_name = "projects/ledger.html"
    #: How many entries are added up at most: the page is to come as soon whatever the house has booked.
    sum_up_to = 5000
    empty_text = _("Budget, orders, hours, costs and invoices of projects are posted here by themselves.")

    def context(self) -> dict[str, Any]:
        return super().context() | {"sums": kind_sums(self.narrowed().order_by(), most=self.sum_up_to)}


def kind_sums(rows: Any, *, most: int) -> list[tuple[Any, Any]] | None:
    """(kind, sum) of these ledger rows, in the order of the kinds; None where there are more than so many."""
    sums = {kind: Sum("amount", filter=Q(kind=kind)) for kind in Entry.Kind.values}
    found = rows[: most + 1].aggregate(rows_found=Count("pk"), **sums)
    if found["rows_found"] > most:
        return None
    return [(label, found[kind]) for kind, label in Entry.Kind.choices if found[kind] is not None]


# --- Other costs ----------------------------------------------------------------------------------------------------------


class ExpenseList(ListPage):
    model = Expense
    columns = (
        Column("on"),
        Column("description", link=True),
        Column("project__number", link="project", label=_("Project")),
        Column("booked_by", hide_on_phone=True),
        Column("amount"),
        Column("reversed_on"),
    )
    filterset = ExpenseFilter
    search_fields = ("description", "project__number")
    default_sort = "-on"
    empty_text = _("Costs are booked from the page of a project.")

    def links(self) -> dict[str, Any]:
        return super().links() | {"create_url": ""}


class ExpenseDetail(DetailPage):
    model = Expense
    template_name = "projects/expense_detail.html"
    figures = ("amount",)
    panels = (Panel(_("Cost"), ("project", "on", "description", "booked_by", "reversed_on"), icon="receipt"),)
    select_related = ("project",)

    def context(self, record: Any) -> dict[str, Any]:
        may = self.may("change") and record.reversed_on is None and record.project.is_editable
        return super().context(record) | {"may_reverse": may}


class BookExpense(FromProject):
    form_class = BookExpenseForm
    service = staticmethod(book_expense)
    permission = "projects.add_expense"
    title = label = _("Book a cost")


class ReverseExpense(HandoverPage):
    """Takes a wrong cost back by a contra-posting."""

    source = Expense
    form_class = ReasonForm
    service = staticmethod(reverse_expense)
    source_argument = "expense"
    permission = "projects.change_expense"
    title = label = _("Reverse")

    def reasons(self, source: Any) -> list[Any]:
        return []

"""Steps of projects that touch more than the project: opening one from a contract, hours, expenses, corrections."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, formats, history
from core.lifecycle import Reason, Refused
from core.money import cents
from core.numbering import next_number
from orders.models import Contract
from people.models import Employee, User
from projects.models import Entry, Expense, Project, TimeEntry

#: The smallest piece of work that is written down, in hours.
QUARTER = Decimal("0.25")
DAY = Decimal(24)

history.register("project.drafted", gettext_lazy("opened the project"))
history.register("timeentry.logged", gettext_lazy("logged the hours"))
history.register("timeentry.corrected", gettext_lazy("corrected the hours"))
history.register("expense.booked", gettext_lazy("booked the cost"))
history.register("expense.reversed", gettext_lazy("reversed the cost"))


# --- From contract to project ---------------------------------------------------------------------------------------------


def _project_of(contract: Contract) -> Project | None:
    """The contract's project; the contract remembers it, for all who ask about the same one."""
    return getattr(contract, "project", None)


def why_no_project(contract: Contract) -> list[Reason]:
    """Reasons against opening the project of a contract: it has one, or it is not in force."""
    if project := _project_of(contract):
        text = _("The project %(number)s exists already.") % {"number": project.number}
        return [Reason(text, fix_url=project.get_absolute_url())]
    if contract.state != Contract.State.ACTIVE:
        return [Reason(_("The contract is not in force."), fix_url=contract.get_absolute_url())]
    if str(contract.net.currency) != "EUR":
        return [Reason(_("Projects are kept in euro; this contract is in %(what)s.") % {"what": contract.net.currency})]
    return []


def project_is_closed(contract: Contract) -> Reason | None:
    """Why a contract cannot close: its project is not closed yet."""
    project = _project_of(contract)
    if project is None or project.state == Project.State.CLOSED:
        return None
    return Reason(_("The project %(number)s is not closed.") % {"number": project.number}, project.get_absolute_url())


def start_project(*, contract: Contract, by: access.Actor, manager: User | None = None) -> Project:
    """Open the project of a contract in force, with the cost budget of each line in its ledger.

    Raises `Refused` if the contract is not in force or has its project already (the database would say so too).
    """
    _demand(by, "projects.add_project")
    with transaction.atomic(), history.acting(by):
        contract = Contract.objects.select_for_update(of=("self",)).get(pk=contract.pk)
        _refuse(why_no_project(contract))
        costs = [(line, cents(line.unit_cost * line.quantity)) for line in contract.lines.all()]
        project = Project(
            contract=contract,
            company=contract.company,
            thread=contract.thread,
            owner=manager or _manager_from(by),
            name=contract.title,
            starts_on=contract.starts_on,
            ends_on=contract.ends_on,
            revenue=contract.net,
            budget=sum((cost for _line, cost in costs), Decimal(0)),
            number=next_number("CM", timezone.localdate().year),
        )
        project.full_clean()
        project.save()
        for line, cost in costs:
            project.book(
                kind=Entry.Kind.BUDGET, on=timezone.localdate(), description=str(line), amount=cost, source=contract
            )
        history.record("project.drafted", project, by=by)
    return project


def _manager_from(by: access.Actor) -> User | None:
    """Whoever opens a project runs it, if running projects is their work."""
    user = access.user_of(by)
    return user if user is not None and user.has_perm("projects.start_project") else None


# --- Hours ----------------------------------------------------------------------------------------------------------------


def may_log_for(by: access.Actor, employee: Employee) -> bool:
    """One's own hours with `add_timeentry`, everybody's with `change_timeentry`."""
    user = access.user_of(by)
    if access.may(by, "projects.change_timeentry"):
        return True
    return user is not None and employee.user_id == user.pk and access.may(by, "projects.add_timeentry")


def log_hours(
    *, project: Project, employee: Employee, on: date, hours: Decimal, by: access.Actor, activity: str = ""
) -> TimeEntry:
    """Write down hours (at least a quarter) of one day; what they cost at that day's rate goes to the ledger.

    Raises `Refused` for a closed project, a day to come, a day without employment, or more than 24 hours in a day.
    """
    with transaction.atomic(), history.acting(by):
        project, employee = lock(project), _locked_employee(employee, by)
        _refuse(_why_not_hours(project, employee, on, hours))
        row = TimeEntry(
            project=project,
            employee=employee,
            on=on,
            hours=hours,
            activity=activity.strip(),
            cost_rate=employee.cost_rate_on(on),
        )
        row.full_clean()
        row.save()
        _book_hours(row, row.cost, formats.number(hours), on)
        history.record("timeentry.logged", row, by=by, data={"hours": hours})
    return row


def correct_hours(*, row: TimeEntry, hours: Decimal, by: access.Actor, activity: str | None = None) -> TimeEntry:
    """Change the hours of a row (0 withdraws it): the ledger gets the difference, at the rate the row has kept.

    The difference is dated today: what stands in the ledger already stays as it is.
    """
    with transaction.atomic(), history.acting(by):
        project, employee = lock(row.project), _locked_employee(row.employee, by)
        row = TimeEntry.objects.select_for_update(of=("self",)).get(pk=row.pk)
        before, cost = row.hours, row.cost
        _refuse(_why_not_hours(project, employee, row.on, hours, instead_of=row))
        row.hours = hours
        row.activity = row.activity if activity is None else activity.strip()
        row.full_clean()
        row.save()
        if row.cost != cost:
            said = f"{formats.number(before)} → {formats.number(hours)}"
            _book_hours(row, row.cost - cost, said, timezone.localdate())
        history.record("timeentry.corrected", row, by=by, data={"before": before, "hours": hours})
    return row


def set_hours(*, project: Project, employee: Employee, on: date, hours: Decimal, by: access.Actor) -> None:
    """Make a day's hours on a project add up to `hours`: the difference goes to the newest rows of that day."""
    with transaction.atomic():
        project, employee = lock(project), _locked_employee(employee, by)
        rows = list(TimeEntry.objects.filter(project=project, employee=employee, on=on, hours__gt=0).order_by("-pk"))
        missing = hours - sum((row.hours for row in rows), Decimal(0))
        if missing > 0 and not rows:
            log_hours(project=project, employee=employee, on=on, hours=missing, by=by)
        elif missing > 0:
            correct_hours(row=rows[0], hours=rows[0].hours + missing, by=by)
        for row in rows if missing < 0 else ():
            less = min(row.hours, -missing)
            if less:
                correct_hours(row=row, hours=row.hours - less, by=by)
                missing += less


def lock(project: Project) -> Project:
    """The project under a lock: whoever closes it meanwhile waits."""
    return Project.objects.select_for_update(of=("self",)).get(pk=project.pk)


def lock_all(projects: Iterable[int]) -> dict[int, Project]:
    """Several projects locked in one order, so that two timesheets saved at once never wait for each other."""
    rows = Project.objects.select_for_update(of=("self",)).filter(pk__in=projects).order_by("pk")
    return {project.pk: project for project in rows}


def _locked_employee(employee: Employee, by: access.Actor) -> Employee:
    """The employee under a lock: the 24 hours of a day are counted by one at a time."""
    if not may_log_for(by, employee):
        raise PermissionDenied(_("You may log only your own hours."))
    return Employee.objects.select_for_update(of=("self",)).get(pk=employee.pk)


def _why_not_hours(
    project: Project, employee: Employee, on: date, hours: Decimal, *, instead_of: TimeEntry | None = None
) -> list[Reason]:
    reasons = _why_not_booked(project, on)
    least = QUARTER if instead_of is None else Decimal(0)
    if not least <= hours <= DAY or hours % QUARTER:
        reasons.append(Reason(_("Hours are written in quarters, from 0.25 to 24.")))
    if on < employee.hired_on or (employee.left_on and on > employee.left_on):
        reasons.append(Reason(_("%(who)s did not work here on that day.") % {"who": employee}))
    others = TimeEntry.objects.filter(employee=employee, on=on).exclude(pk=instead_of.pk if instead_of else None)
    known = others.aggregate(sum=Sum("hours"))["sum"] or Decimal(0)
    if known + hours > DAY:
        facts = {"day": formats.date(on), "hours": formats.number(known)}
        reasons.append(Reason(_("A day has 24 hours: %(hours)s are logged on %(day)s already.") % facts))
    return reasons


def _book_hours(row: TimeEntry, amount: Decimal, hours: str, on: date) -> None:
    """Without the name: whoever may see what a job costs does not learn from the ledger what a person costs."""
    what = f"{hours} h – {row.activity}" if row.activity else f"{hours} h"
    row.project.book(kind=Entry.Kind.COST, on=on, description=what, amount=amount, source=row)


# --- Expenses -------------------------------------------------------------------------------------------------------------


def book_expense(*, project: Project, on: date, description: str, amount: Decimal, by: access.Actor) -> Expense:
    """Book a cost (EUR, net of VAT, more than zero) that no purchase order brings."""
    _demand(by, "projects.add_expense")
    with transaction.atomic(), history.acting(by):
        project = lock(project)
        reasons = _why_not_booked(project, on)
        if cents(amount) <= 0:
            reasons.append(Reason(_("The amount is more than zero; a wrong cost is reversed on its own page.")))
        _refuse(reasons)
        user = access.user_of(by) or project.owner
        expense = Expense(project=project, on=on, description=description.strip(), amount=cents(amount), booked_by=user)
        expense.full_clean()
        expense.save()
        project.book(kind=Entry.Kind.COST, on=on, description=description, amount=cents(amount), source=expense)
        history.record("expense.booked", expense, by=by)
    return expense


def reverse_expense(*, expense: Expense, reason: str, by: access.Actor) -> Expense:
    """Take a wrong cost back by a contra-posting of today; expense and first posting stay to be seen."""
    _demand(by, "projects.change_expense")
    with transaction.atomic(), history.acting(by):
        project = lock(expense.project)
        expense = Expense.objects.select_for_update(of=("self",)).get(pk=expense.pk)
        today = timezone.localdate()
        reasons = _why_not_booked(project, today)
        if expense.reversed_on:
            reasons.append(Reason(_("This cost was reversed already.")))
        if not reason.strip():
            reasons.append(Reason(_("Say why the cost is reversed.")))
        _refuse(reasons)
        expense.reversed_on = today
        expense.save(update_fields=["reversed_on", "updated_at"])
        what = _("Reversed: %(what)s") % {"what": expense.description}
        project.book(kind=Entry.Kind.COST, on=today, description=what, amount=-expense.amount.amount, source=expense)
        history.record("expense.reversed", expense, by=by, data={"reason": reason})
    return expense


# --- Shared ---------------------------------------------------------------------------------------------------------------


def _why_not_booked(project: Project, on: date) -> list[Reason]:
    reasons = []
    if project.state not in Project.BOOKABLE:
        reasons.append(Reason(_("Nothing can be booked on a closed project."), fix_url=project.get_absolute_url()))
    if on > timezone.localdate():
        reasons.append(Reason(_("That day is still to come.")))
    return reasons


def _refuse(reasons: list[Reason]) -> None:
    if reasons:
        raise Refused(*reasons)


def _demand(by: access.Actor, permission: str) -> None:
    if not access.may(by, permission):
        raise PermissionDenied(_("You have no right to do this."))

"""Steps of human resources: cost rates and leave."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, history
from core.lifecycle import Refused
from people.models import CostRate, Employee, Leave

history.register("employee.created", gettext_lazy("added the employee"))
# No amounts in the facts: events are read by more people than pay may be.
history.register("employee.rate_set", gettext_lazy("set the cost rate"))
history.register("employee.leave_added", gettext_lazy("added a leave"))
history.register("employee.leave_removed", gettext_lazy("removed a leave"))


def set_cost_rate(*, employee: Employee, starts_on: date, hourly_cost: Decimal, by: access.Actor) -> CostRate:
    """What an hour costs from a day on, in EUR; another one of the same day is replaced.

    Hours that are logged already keep the rate of their day.
    """
    _demand(by, "people.add_costrate")
    with transaction.atomic(), history.acting(by):
        Employee.objects.select_for_update(of=("self",)).get(pk=employee.pk)
        rate = CostRate.objects.filter(employee=employee, starts_on=starts_on).first()
        rate = rate or CostRate(employee=employee, starts_on=starts_on)
        rate.hourly_cost = hourly_cost
        rate.full_clean()
        rate.save()
        history.record("employee.rate_set", employee, by=by, data={"starts_on": starts_on})
    return rate


def add_leave(*, employee: Employee, kind: str, starts_on: date, ends_on: date, by: access.Actor) -> Leave:
    """Days away, the first and the last included; refused where they meet another leave."""
    _demand(by, "people.add_leave")
    with transaction.atomic(), history.acting(by):
        Employee.objects.select_for_update(of=("self",)).get(pk=employee.pk)
        if ends_on < starts_on:
            raise Refused(_("The last day comes before the first."))
        if other := employee.leaves.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).first():
            raise Refused(_("There is a leave in these days already: %(what)s.") % {"what": other.span})
        leave = Leave(employee=employee, kind=kind, starts_on=starts_on, ends_on=ends_on)
        leave.full_clean()
        leave.save()
        history.record("employee.leave_added", employee, by=by)
    return leave


def remove_leave(*, leave: Leave, by: access.Actor) -> None:
    """Take a leave away; its history keeps it."""
    _demand(by, "people.change_leave")
    with transaction.atomic(), history.acting(by):
        history.record("employee.leave_removed", leave.employee, by=by)
        leave.delete()


def _demand(by: access.Actor, permission: str) -> None:
    if not access.may(by, permission):
        raise PermissionDenied(_("You have no right to do this."))

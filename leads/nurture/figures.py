"""How a sequence or a mailing went: counted from the mails themselves, in one query each."""

from collections.abc import Sequence as Rows
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from core import charts, formats
from leads.models import Enrolment, Mailing, Send, Sequence

_COUNTS = {
    "sent": Count("pk"),
    "arrived": Count("pk", filter=Q(delivery__state="delivered", bounced_at=None)),
    "measured": Count("pk", filter=Q(measuring__isnull=False)),
    "opened": Count("pk", filter=Q(opened_at__isnull=False)),
    "clicked": Count("pk", filter=Q(clicked_at__isnull=False)),
    "machine": Count("pk", filter=Q(machine_at__isnull=False, opened_at=None)),
    "replied": Count("pk", filter=Q(replied_at__isnull=False)),
    "unsubscribed": Count("pk", filter=Q(unsubscribed_at__isnull=False)),
    "bounced": Count("pk", filter=Q(bounced_at__isnull=False)),
    "failed": Count("pk", filter=Q(delivery__state="failed", bounced_at=None)),
}


@dataclass(frozen=True)
class Figures:
    """Mails of one mailing or step. Opens and clicks are those of people, of those who agreed to be measured."""

    sent: int = 0
    arrived: int = 0
    measured: int = 0
    opened: int = 0
    clicked: int = 0
    machine: int = 0
    replied: int = 0
    unsubscribed: int = 0
    bounced: int = 0
    failed: int = 0

    @property
    def rows(self) -> list[tuple[str, str]]:
        """(what, how many) in words."""
        of = {"n": formats.number(self.measured)}
        return [
            (_("Posted"), formats.number(self.sent)),
            (_("Arrived"), formats.number(self.arrived)),
            (_("Opened, of %(n)s measured") % of, formats.number(self.opened)),
            (_("Clicked, of %(n)s measured") % of, formats.number(self.clicked)),
            (_("Opened by a program only"), formats.number(self.machine)),
            (_("Replied"), formats.number(self.replied)),
            (_("Unsubscribed"), formats.number(self.unsubscribed)),
            (_("Came back"), formats.number(self.bounced)),
            (_("Could not be sent"), formats.number(self.failed)),
        ]


def of_mailing(mailing: Mailing) -> Figures:
    return Figures(**mailing.sends.order_by().aggregate(**_COUNTS))


def of_steps(sequence: Sequence) -> dict[int | None, Figures]:
    """{id of the step: its mails}; None has those of steps that were taken out."""
    rows = Send.objects.filter(enrolment__sequence=sequence).order_by().values("step").annotate(**_COUNTS)
    return {row.pop("step"): Figures(**row) for row in rows}


@dataclass(frozen=True)
class Standing:
    """How many people are where."""

    total: int
    states: dict[str, int]
    reasons: list[tuple[str, int]]


def of_people(sequence: Sequence) -> Standing:
    found = list(
        Enrolment.objects.filter(sequence=sequence).order_by().values_list("state", "why").annotate(n=Count("pk"))
    )
    states: dict[str, int] = {}
    for state, _why, n in found:
        states[state] = states.get(state, 0) + n
    labels = dict(Enrolment.Why.choices)
    reasons = sorted(((str(labels[why]), n) for _state, why, n in found if why), key=lambda row: -row[1])
    return Standing(sum(states.values()), states, reasons)


def funnel(standing: Standing, steps: Rows[Any], of_step: dict[int | None, Figures]) -> charts.Chart:
    """From everybody who came in to those who answered, mail by mail."""
    rows: list[tuple[str, float]] = [(_("Came in"), standing.total)]
    for step in steps:
        if step.template is not None:
            name = _("%(n)d. %(title)s") % {"n": step.position, "title": step.template}
            rows.append((name, of_step.get(step.pk, Figures()).sent))
    every = of_step.values()
    rows.append((_("Clicked"), sum(each.clicked for each in every)))
    rows.append((_("Replied"), sum(each.replied for each in every)))
    return charts.funnel(_("People"), rows, written=lambda value: formats.number(int(value)))

"""What the style guide shows: every component with invented values, and its code, taken from the templates themselves."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import charts, formats, money, ui
from core.forms import AmountField, Form
from core.history import Entry
from core.lifecycle import Reason, Step
from core.pages.details import Attribute


class SampleForm(Form):
    sections = (
        (_("Section"), ("name", "amount", "day", "kind")),
        (_("Another"), ("text", "tick", "choice")),
    )

    name = forms.CharField(label=_("Name"), help_text=_("As it stands on the invoice."))
    amount = AmountField(label=_("Amount"))
    day = forms.DateField(label=_("Date"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=[("a", "A"), ("b", "B")])
    text = forms.CharField(label=_("Text"), widget=forms.Textarea, required=False)
    tick = forms.BooleanField(label=_("I agree"), required=False)
    choice = forms.ChoiceField(label=_("One of"), choices=[("1", "1"), ("2", "2")], widget=forms.RadioSelect)


class _Line:
    def __init__(self, net: str, rate: str) -> None:
        self.net, self.vat_rate, self.vat_nature = Decimal(net), Decimal(rate), ""


def context(request: HttpRequest) -> dict[str, Any]:
    """Everything `pages/styleguide.html` shows."""
    lines = money.totals([_Line("1200.00", "22"), _Line("80.50", "10"), _Line("99.99", "22")])
    return {
        "title": _("Style guide"),
        "colours": sorted({*ui.STATE_COLOURS.values()}),
        "states": [(state, ui.state_badge(state, state.replace("_", " "))) for state in ui.STATE_COLOURS],
        "steps": steps(),
        "life": life(),
        "reasons": [Reason(_("The quote has no lines."), "#"), Reason(_("The customer has no VAT number."))],
        "figures": [Attribute(_("Value"), formats.money(Decimal("12500"))), Attribute(_("Score"), "72")],
        "attributes": [Attribute(_("Company"), "Meccanica Rossi S.r.l."), Attribute(_("City"), ui.show(None))],
        "sample_totals": lines,
        "entries": entries(),
        "form": SampleForm(user=request.user),
        "form_wrong": SampleForm({"wrong-amount": "x", "wrong-day": "31.31.2026"}, user=request.user, prefix="wrong"),
        "sample_date": timezone.localdate() + dt.timedelta(days=9),
        "sample_amount": Decimal("-1234.5"),
        "tabs": [{"label": _("All"), "url": "#", "here": True}, {"label": _("Mine"), "url": "#", "count": "12"}],
        "charts": sample_charts(),
        "code": code(),
    }


def steps() -> list[Step]:
    late = [Reason(_("The quote has no lines."), "#")]
    return [
        Step("send", _("Send"), "#", tone="primary"),
        Step("revise", _("Revise"), "#"),
        Step("approve", _("Approve"), "#", reasons=late),
        Step("decline", _("Decline"), "#", tone="danger"),
    ]


def life() -> list[dict[str, Any]]:
    words = [_("Draft"), _("Approved"), _("Sent"), _("Accepted")]
    return [{"label": word, "done": i < 2, "here": i == 2} for i, word in enumerate(words)]


def entries() -> list[Entry]:
    now = timezone.now()
    return [
        Entry(now, "Sara Bianchi", "act", _("sent the quote"), icon="send"),
        Entry(now, "Sara Bianchi", "edit", _("edited"), details=[(_("Title"), "A", "B")], icon="pencil"),
        Entry(now, "Marco Ferri", "note", _("noted"), body="Chiamare dopo le 15.", icon="note"),
    ]


def sample_charts() -> list[charts.Chart]:
    months = ["Jan", "Feb", "Mar", "Apr"]
    return [
        charts.bars(
            _("Sales by month"), months, {_("Won"): [12, 9, 14, 18], _("Lost"): [4, 6, 3, 5]}, written=formats.number
        ),
        charts.lines(_("Forecast"), months, {"P50": [10, 12, 15, 19]}, written=formats.number),
        charts.funnel(_("Funnel"), [(_("Leads"), 120), (_("Quotes"), 42), (_("Orders"), 18)], written=formats.number),
    ]


def code() -> dict[str, str]:
    """The source of each component template, by its name."""
    folder = Path(settings.BASE_DIR) / "templates" / "components"
    return {path.stem: path.read_text() for path in sorted(folder.glob("*.html"))}

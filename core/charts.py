"""Charts: data for ECharts as JSON, and the same figures as a table for readers without eyes or colours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import uuid4


@dataclass(frozen=True)
class Chart:
    """A drawing and its table. `option` is ECharts' own; `links` are addresses opened by a click on the n-th mark.

    `rows` are lists of ready-written cells under `heads`; the first cell of a row is its head.
    """

    title: Any
    option: dict[str, Any]
    heads: Sequence[Any]
    rows: Sequence[Sequence[Any]]
    links: Sequence[str] = ()
    key: str = field(default_factory=lambda: f"chart-{uuid4().hex[:8]}")

    @property
    def data(self) -> dict[str, Any]:
        return {**self.option, "links": list(self.links)}


def bars(
    title: Any,
    labels: Sequence[Any],
    series: Mapping[Any, Sequence[float | Decimal]],
    *,
    written: Any = str,
    links: Sequence[str] = (),
    stacked: bool = False,
    sideways: bool = False,
) -> Chart:
    """Bars per label, one colour per series; `written` writes a figure for the table."""
    return _axes_chart(title, labels, series, "bar", written, links, stacked=stacked, sideways=sideways)


def lines(
    title: Any, labels: Sequence[Any], series: Mapping[Any, Sequence[float | Decimal]], *, written: Any = str
) -> Chart:
    """Lines over labels (months, weeks)."""
    return _axes_chart(title, labels, series, "line", written, ())


def _axes_chart(
    title: Any,
    labels: Sequence[Any],
    series: Mapping[Any, Sequence[float | Decimal]],
    kind: str,
    written: Any,
    links: Sequence[str],
    *,
    stacked: bool = False,
    sideways: bool = False,
) -> Chart:
    names, words = list(series), [str(label) for label in labels]
    # Beside bars there is room for so much of a name; the table has it whole.
    names_aside = {"inverse": True, "axisLabel": {"width": 190, "overflow": "truncate"}}
    category = {"type": "category", "data": words, **(names_aside if sideways else {})}
    value = {"type": "value", "axisLabel": {"hideOverlap": True}}
    drawn = [
        {"name": name, "type": kind, "data": [float(v) for v in values], **({"stack": "all"} if stacked else {})}
        for name, values in series.items()
    ]
    option = {
        "xAxis": value if sideways else category,
        "yAxis": category if sideways else value,
        "series": drawn,
        "tooltip": {"trigger": "axis"},
        **({"legend": {"top": 0, "type": "scroll"}} if len(names) > 1 else {}),
    }
    columns = list(series.values())
    rows = [[word, *(written(column[i]) for column in columns)] for i, word in enumerate(words)]
    return Chart(title, option, ["", *names], rows, links)


def funnel(title: Any, steps: Sequence[tuple[Any, float]], *, written: Any = str, links: Sequence[str] = ()) -> Chart:
    """A funnel in the order given."""
    data = [{"name": str(label), "value": float(value)} for label, value in steps]
    series = [
        {
            "type": "funnel",
            "sort": "none",
            "min": 0,
            "max": max((float(value) for _label, value in steps), default=0) or 1,  # else nothing fills the whole width
            "left": 8,
            "right": 8,
            "gap": 2,
            "data": data,
            # Readable on its bar, and where the bar is too narrow for it.
            "label": {"position": "inside", "color": "#fff", "textBorderColor": "#0009", "textBorderWidth": 3},
        }
    ]
    rows = [[str(label), written(value)] for label, value in steps]
    return Chart(title, {"series": series}, ["", title], rows, links)

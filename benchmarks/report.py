"""Figures against their targets, as a table and as JSON."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured figure. `at_most` or `at_least` is its target; without one it only informs. `note` says what it is."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.at_most is not None:
            return self.value <= self.at_most
        return self.value >= self.at_least if self.at_least is not None else None

    @property
    def target(self) -> str:
        limit = self.at_most if self.at_most is not None else self.at_least
        return "" if limit is None else f"{'<=' if self.at_most is not None else '>='} {limit:g}"

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}


def table(title: str, figures: Iterable[Figure]) -> str:
    lines = [f"\n{title}", f"{'':<42}{'measured':>12} {'unit':<14}{'target':>9}  met"]
    for figure in figures:
        met = {True: "yes", False: "NO", None: ""}[figure.met]
        note = f"   {figure.note}" if figure.note else ""
        lines.append(
            f"{figure.name:<42}{figure.value:>12,.4g} {figure.unit:<14}{figure.target:>9}  {met:<3}{note}".rstrip()
        )
    return "\n".join(lines)

"""What a quote earns: for those who may see costs."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Margin:
    """Net, cost and margin of a line or of all, in the document's currency; `percent` of net, None where net is 0."""

    label: str
    net: Decimal
    cost: Decimal

    @property
    def margin(self) -> Decimal:
        return self.net - self.cost

    @property
    def percent(self) -> Decimal | None:
        return (self.margin * HUNDRED / self.net).quantize(Decimal("0.1")) if self.net else None


def margins(quote: Any) -> dict[str, Any]:
    """Margin of each line, and of the quote."""
    rows = [Margin(str(line), line.net, line.cost) for line in quote.lines.all()]
    total = Margin("", sum((r.net for r in rows), Decimal(0)), sum((r.cost for r in rows), Decimal(0)))
    return {"rows": rows, "total": total}

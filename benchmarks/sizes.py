"""What is compared between the small and the large database, so that both show as much."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

BOARDS = (
    "/leads/board/", "/opportunities/board/", "/quotes/board/", "/orders/board/", "/contracts/board/",
    "/projects/board/", "/purchases/board/", "/cases/board/",
)  # fmt: skip
#: Cards a column where sizes are compared: of 1,000 leads come few columns with thirty.
FEW_CARDS = 3
#: Of 1,000 leads few are hot or nobody's: these lists fill their fifty rows, and count, only where there are more.
SHORT_LISTS = ("leads, hot ones", "leads, unassigned")
FEW_ROWS = 5


@dataclass(frozen=True)
class Compared:
    """A page whose growth is measured: its name, the page it is made from, who looks, and how its address differs."""

    name: str
    page: str
    role: str
    address: Callable[[str], str] = str
    shows_as_much: bool = True
    few_cards: bool = False


def compared(pages: dict[str, tuple[str, list[str]]]) -> Iterator[Compared]:
    """Every page; a board, or a list that is short, as it is, and once more with few cards a column or few rows."""
    for name, (role, _paths) in pages.items():
        is_board, is_short = name.endswith(" board"), name in SHORT_LISTS
        yield Compared(name, name, role, shows_as_much=not (is_board or is_short))
        if is_board or is_short:
            few = f"{FEW_CARDS} cards a column" if is_board else f"{FEW_ROWS} rows"
            yield Compared(f"{name}, {few}", name, role, "/few{}".format, few_cards=is_board)

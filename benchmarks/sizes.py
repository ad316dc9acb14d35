"""What is compared between the small and the large database, so that both show as much."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

BOARDS = (
    "/leads/board/", "/opportunities/board/", "/quotes/board/", "/orders/board/", "/contracts/board/",
    "/projects/board/", "/purchases/board/", "/cases/board/",
)  # fmt: skip
#: Cards a column where sizes are compared: of 1,000 leads come few columns with thirty.
FEW_CARDS = 3


@dataclass(frozen=True)
class Compared:
    """A page whose growth is measured: its name, the page it is made from, who looks, and how its address differs."""

    name: str
    page: str
    role: str
    address: Callable[[str], str] = str
    shows_as_much: bool = True


def compared(pages: dict[str, tuple[str, list[str]]]) -> Iterator[Compared]:
    """Every page; a board as it is, and once more with few cards a column."""
    for name, (role, _paths) in pages.items():
        is_board = name.endswith(" board")
        yield Compared(name, name, role, shows_as_much=not is_board)
        if is_board:
            yield Compared(f"{name}, {FEW_CARDS} cards a column", name, role, "/few{}".format)

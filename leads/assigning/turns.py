"""Whose turn it is: a round robin by weight that stays fair over time, also while people come and go.

Each lead is worth one. It falls to those who can take it in proportion to their weights, and one of them gets all of it:
`credit` is what fell to somebody less what they got. Nothing falls to who is away, so nobody is owed a heap on their return.
Who gets it is Tijdeman's answer to the chairman assignment problem (R. Tijdeman, Discrete Mathematics 32, 1980): of those
who are owed enough, the one whose credit would first grow too large. While the same people take part, nobody is ever a whole
lead off their share.
"""

from collections.abc import Sequence
from dataclasses import dataclass

#: Credits are sums of many fractions.
_TINY = 1e-9


@dataclass
class Seat:
    """One person at the table. `key` is the caller's."""

    key: int
    weight: int
    credit: float = 0.0


def share(seat: Seat, seats: Sequence[Seat]) -> float:
    """What part of a lead falls to this seat."""
    return seat.weight / sum(other.weight for other in seats)


def give(seats: Sequence[Seat]) -> Seat:
    """Share out one lead among these seats (at least one): their credits are changed, who gets it is returned."""
    for seat in seats:
        seat.credit += share(seat, seats)
    chosen = _next(seats)
    chosen.credit -= 1
    return chosen


def _next(seats: Sequence[Seat]) -> Seat:
    if len(seats) == 1:
        return seats[0]
    least = 1 / (2 * len(seats) - 2)
    owed = [seat for seat in seats if seat.credit >= least - _TINY]
    if not owed:  # some of those to whom much is owed are away
        return max(seats, key=lambda seat: (seat.credit, -seat.key))
    return min(owed, key=lambda seat: ((1 - least - seat.credit) / share(seat, seats), seat.key))

"""Whose turn it is: within one lead of the weights at any moment, whoever is away gets nothing and is owed nothing."""

import random

import pytest

from leads.assigning.turns import Seat, give, share


def dealt(seats, leads):
    got = dict.fromkeys((seat.key for seat in seats), 0)
    for _n in range(leads):
        got[give(seats).key] += 1
        yield got


@pytest.mark.parametrize(
    "weights", [(1,), (1, 1), (3, 2, 1), (5, 3, 1), (7, 1), (1,) * 12, (97, 2, 1), (10, 9, 8, 3, 1)]
)
def test_never_a_whole_lead_off_the_weights(weights):
    seats = [Seat(key, weight) for key, weight in enumerate(weights)]
    for dealt_so_far, got in enumerate(dealt(seats, 500), start=1):
        assert all(abs(got[s.key] - dealt_so_far * share(s, seats)) < 1 for s in seats), (weights, dealt_so_far)


def test_a_hundred_leads_with_somebody_on_leave():
    rossi, bianchi, verdi = seats = [Seat(1, 3), Seat(2, 2), Seat(3, 1)]
    got = list(dealt([rossi, verdi], 100))[-1]
    assert bianchi.credit == 0
    assert abs(got[1] - 75) <= 1
    assert abs(got[3] - 25) <= 1
    # Back again, Bianchi gets a share like everybody's, and no heap.
    back = list(dealt(seats, 60))[-1]
    assert all(abs(back[seat.key] - 60 * share(seat, seats)) <= 1 for seat in seats)


def test_the_share_is_kept_while_people_come_and_go():
    dice = random.Random(4)
    seats = [Seat(key, dice.randint(1, 9)) for key in range(6)]
    fell, got = dict.fromkeys(range(6), 0.0), dict.fromkeys(range(6), 0)
    for _n in range(5000):
        here = dice.sample(seats, dice.randint(1, 6))
        for seat in here:
            fell[seat.key] += share(seat, here)
        got[give(here).key] += 1
    assert all(abs(fell[key] - got[key]) < 2 for key in fell)
    assert sum(seat.credit for seat in seats) == pytest.approx(0, abs=1e-6)

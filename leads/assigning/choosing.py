"""Whose turn it is, and what is kept of how it came about."""

from collections.abc import Sequence
from typing import Any

from leads.assigning import turns
from leads.assigning.rooms import FULL, Room
from leads.models import AssignmentMember, AssignmentRule


def choose(
    rule: AssignmentRule, members: Sequence[AssignmentMember], found: Sequence[Room]
) -> tuple[Room | None, list[turns.Seat]]:
    """Whose turn it is among those with time, or among those who are full where the rule says so; and who had a part in it.

    Credits of members change; the caller keeps them, or plays only.
    """
    able = {room.user for room in found if not room.why_not}
    if not able and rule.give_when_full:
        able = {room.user for room in found if room.why_not == FULL}
    at_table = [member for member in members if member.user_id in able]
    if not at_table:
        return None, []
    seats = [turns.Seat(member.user_id, member.weight, member.credit) for member in at_table]
    chosen = turns.give(seats)
    for member, seat in zip(at_table, seats, strict=True):
        member.credit = seat.credit
    return next(room for room in found if room.user == chosen.key), seats


def told(rule: AssignmentRule, chosen: Room, found: Sequence[Room]) -> dict[str, Any]:
    """The facts an assignment keeps. Of those on leave only that they are: why is nobody's business here."""
    return {
        "rule": {"position": rule.position, "name": rule.name},
        "chosen": chosen.facts | {"got": chosen.got + 1},
        "others": [room.facts for room in found if room.user != chosen.user],
    }

"""Likely duplicates over whole tables: sets that share a key, and names that are nearly the same; found by a job."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

import rapidfuzz
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import Count, F, Func, Value
from django.db.models.functions import Left, Length, Lower
from django.utils import timezone

from core import fulltext
from core.merging.registry import Mergeable, kinds
from core.models import LikelyPair

#: (id, id, why, likeness)
Pair = tuple[int, int, str, int]
#: Pairs kept per kind, and rows that may share a key before it says nothing about who they are (a switchboard, "info@").
MOST_PAIRS, MOST_OF_A_KEY = 2000, 10
#: Names are compared among the newest rows, within groups of names that begin alike.
NEWEST, MOST_OF_A_GROUP = 50_000, 40


def find_all() -> dict[str, int]:
    """Look through every kind; how many pairs wait to be judged of each."""
    return {name: find(kind) for name, kind in kinds().items()}


@transaction.atomic
def find(kind: Mergeable) -> int:
    """Write down the pairs there are now. What somebody has dismissed stays so; what is no longer alike goes."""
    best: dict[tuple[int, int], Pair] = {}
    for one, other, why, likeness in kind.pairs():
        ends = (min(one, other), max(one, other))
        if ends not in best or best[ends][3] < likeness:
            best[ends] = (*ends, why, likeness)
    now = timezone.now()
    rows = [
        LikelyPair(kind=kind.name, one=one, other=other, why=why, likeness=likeness, found_at=now)
        for one, other, why, likeness in sorted(best.values(), key=lambda pair: (-pair[3], pair))[:MOST_PAIRS]
    ]
    LikelyPair.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["kind", "one", "other"],
        update_fields=["why", "likeness", "found_at"],
    )
    LikelyPair.objects.filter(kind=kind.name, dismissed_at=None, found_at__lt=now).delete()
    return LikelyPair.objects.filter(kind=kind.name, dismissed_at=None).count()


def same_key(rows: Any, why: str, key: Any, likeness: int, *, least: int = 1) -> Iterator[Pair]:
    """Rows that share a key of at least so many characters: each with the oldest of them. One query, grouped by PostgreSQL."""
    keyed = rows.order_by().annotate(_key=key).annotate(_length=Length("_key")).filter(_length__gte=least)
    groups = keyed.values("_key").annotate(ids=ArrayAgg("pk", order_by="pk"), n=Count("pk"))
    for (ids,) in groups.filter(n__gte=2, n__lte=MOST_OF_A_KEY).values_list("ids")[:MOST_PAIRS]:
        yield from ((ids[0], pk, why, likeness) for pk in ids[1:])


def same_name(rows: Iterable[tuple[int, str, str]], *, alike: int, town_alike: int = 80) -> Iterator[Pair]:
    """(id, name, town) -> pairs whose names are nearly the same, in the same town or one that is not known."""
    groups: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for pk, name, town in rows:
        folded = fulltext.folded(name)
        words = sorted(sorted((w for w in folded.split() if len(w) > 1), key=len, reverse=True)[:2])
        if words:
            groups[" ".join(word[:4] for word in words)].append((pk, folded, fulltext.folded(town)))
    fuzz = rapidfuzz.fuzz
    for group in groups.values():
        for (one, name, town), (other, its_name, its_town) in combinations(group[:MOST_OF_A_GROUP], 2):
            likeness = fuzz.token_sort_ratio(name, its_name, score_cutoff=alike)
            if likeness and (not town or not its_town or fuzz.ratio(town, its_town) >= town_alike):
                yield one, other, "name", round(likeness)


def lower(column: str) -> Any:
    return Lower(F(column))


def letters_and_digits(column: str) -> Any:
    """A code as it is compared: capitals, nothing between them, no IT before the digits."""
    return Func(
        Func(F(column), function="upper"), Value("[^A-Z0-9]|^IT"), Value(""), Value("g"), function="regexp_replace"
    )


def last_digits(column: str) -> Any:
    """The end of a phone number, which is the same with and without prefixes."""
    return Left(fulltext.backward_digits(column), fulltext.PHONE_DIGITS)

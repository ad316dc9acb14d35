"""From which score on a lead is hot, where the score is learnt: chances to win seldom reach what the rules call hot."""

from collections import Counter
from collections.abc import Iterable, Iterator

from leads.models import HOT, Lead, ScoreVersion
from leads.scoring import happenings, rules
from leads.scoring.blending import Blend
from leads.scoring.rules import COLUMNS, facts, judge

#: One open lead in so many is hot.
ONE_IN = 5
_AT_ONCE = 2000


def hot_from(version: ScoreVersion) -> int:
    """The score from which a lead belongs to the best fifth of the open leads, as this version scores them now.

    Nobody can be told from others where there is no open lead: then it is what the rules say.
    """
    return best_fifth(_scores(Blend.of(version))) or HOT


def _scores(blend: Blend) -> Iterator[int]:
    asked = rules.current().happens
    pks = list(Lead.objects.open().order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), _AT_ONCE):
        some = pks[start : start + _AT_ONCE]
        happened = happenings.of(some, asked)
        for row in Lead.objects.filter(pk__in=some).values_list(*COLUMNS):
            columns = dict(zip(COLUMNS, row, strict=True))
            yield blend.judge(columns, judge(facts(columns, happened=happened.get(row[0])))[1])[0]


def best_fifth(scores: Iterable[int]) -> int | None:
    """The lowest of these scores, 1 at least, that no more than a fifth of them reach; the highest where more of them share it.

    None without any.
    """
    counted = Counter(scores)
    if not counted:
        return None
    found, reached = max(counted), 0
    for score in sorted(counted, reverse=True):
        reached += counted[score]
        if reached * ONE_IN > counted.total():
            break
        found = score
    return max(1, found)

"""From which score on a lead is hot, where the score is learnt: chances to win seldom reach what the rules call hot."""

from collections import Counter
from collections.abc import Iterable

from leads.models import HOT, Lead, ScoreVersion
from leads.scoring.blending import Blend
from leads.scoring.rules import COLUMNS, facts, judge

#: One open lead in so many is hot.
ONE_IN = 5


def hot_from(version: ScoreVersion) -> int:
    """The score from which a lead belongs to the best fifth of the open leads, as this version scores them now.

    Nobody can be told from others where there is no open lead: then it is what the rules say.
    """
    blend = Blend.of(version)
    rows = Lead.objects.open().order_by().values_list(*COLUMNS)
    return best_fifth(_score(blend, row) for row in rows.iterator(chunk_size=2000)) or HOT


def _score(blend: Blend, row: tuple[object, ...]) -> int:
    columns = dict(zip(COLUMNS, row, strict=True))
    return blend.judge(columns, judge(facts(columns))[1])[0]


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

"""The score of a lead: rules that explain themselves (`rules`), what was learnt from closed leads (`training`, `blending`), and
what keeps every lead scored (`many`).

`training` and `backtest` need scikit-learn, which a web worker must not load: they are imported where a worker needs them.
"""

from leads.scoring.many import edition, score_all, score_of, score_on_event, score_soon, score_waiting
from leads.scoring.rules import LIMIT, facts, judge
from leads.scoring.versions import blend
from leads.scoring.wording import Contribution, contributions, questions

__all__ = [
    "LIMIT",
    "Contribution",
    "blend",
    "contributions",
    "edition",
    "facts",
    "judge",
    "questions",
    "score_all",
    "score_of",
    "score_on_event",
    "score_soon",
    "score_waiting",
]

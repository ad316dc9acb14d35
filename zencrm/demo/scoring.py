"""Marketing tries other points: a draft of the rules of the score that nobody has put in use yet."""

from typing import Any

from leads.models import ScoreRule
from leads.scoring import ruling
from people.models import User

#: Key, part, label, what it looks at, values with points, half-life in days.
RULES: tuple[tuple[str, str, str, str, list[list[Any]], int | None], ...] = (
    ("macchine", "fit", "Macchine installate", "custom.macchine", [["10", 6], ["3", 3]], None),
    ("impiego", "fit", "Impiego che conosciamo bene", "custom.impiego", [["Acqua potabile, Reflui", 4]], None),
    ("aperture", "engagement", "Apre le nostre e-mail", "opens", [["3", 8], ["1", 4]], 30),
    ("moduli", "engagement", "Ha compilato un modulo", "submissions", [["1", 6]], 60),
)


def try_rules(people: dict[str, User]) -> None:
    draft = ruling.begin(by=people["marketing"])
    last = draft.rules.count()
    for place, (key, part, label, field, grades, half_life) in enumerate(RULES, start=last + 1):
        condition = "one_of" if field == "custom.impiego" else "number"
        facts = {"condition": condition, "grades": grades, "half_life": half_life, "position": place}
        ScoreRule.objects.create(ruleset=draft, part=part, key=key, label=label, field=field, **facts)

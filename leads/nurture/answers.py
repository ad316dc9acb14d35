"""What a sequence asks about somebody, and where it goes on."""

from typing import Any

from leads.models import Enrolment, SequenceStep
from leads.models.nurture import END

Question = SequenceStep.Question


def branch(
    step: SequenceStep, steps: list[SequenceStep], following: SequenceStep | None, enrolment: Enrolment, person: Any
) -> SequenceStep | None:
    """The step that comes after a question; None for the end. A step that is gone stands for the next one after it."""
    place = step.yes if holds(step, enrolment, person) else step.no
    if place is None:
        return following
    if place == END:
        return None
    return next((other for other in steps if other.position >= place), None)


def holds(step: SequenceStep, enrolment: Enrolment, person: Any) -> bool:
    """Whether the answer is yes. Of somebody who is not measured, nothing is known to be opened or clicked."""
    if step.question == Question.SCORE:
        return (getattr(person, "score", None) or 0) >= int(step.value)
    if step.question == Question.STATE:
        return bool(getattr(person, "state", "") == step.value)
    if step.question == Question.REPLIED:
        return enrolment.sends.filter(replied_at__isnull=False).exists()
    last = enrolment.sends.order_by("-at", "-pk").first()
    if last is None:
        return False
    return bool(last.opened_at if step.question == Question.OPENED else last.clicked_at)

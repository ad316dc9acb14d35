"""The steps of a sequence for programs: read as a list, and written as one."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, history
from core.forms import Form
from core.lifecycle import Refused
from core.pages import HandoverPage
from leads.models import Sequence, SequenceStep
from leads.nurture.forms import fitting

CHANGE = "leads.change_sequence"
#: What a step is written with, beside its template; numbers, then words.
_NUMBERS, _WORDS = ("position", "days", "hours", "yes", "no"), ("action", "question", "value")
_MOST = 50


class _ListField(forms.JSONField):
    """An empty list is an answer."""

    empty_values = (None, "")


class StepsForm(Form):
    """All steps of a sequence, in any order: with an `id` a step is changed, without one it is added, the others go."""

    steps = _ListField(
        label=gettext_lazy("Steps"),
        help_text=gettext_lazy(
            "A list of objects: position, days, hours, action, template, question, value, yes, no. With an id the step is"
            " changed, without one it is added, and those left out are removed."
        ),
    )

    def clean_steps(self) -> list[SequenceStep]:
        rows, sequence = self.cleaned_data["steps"], self.record
        if not isinstance(rows, list) or len(rows) > _MOST or not all(isinstance(row, dict) for row in rows):
            raise ValidationError(_("Expected a list of at most %(n)d steps.") % {"n": _MOST})
        known = {step.pk: step for step in sequence.steps.all()}
        templates = {template.pk: template for template in fitting(sequence.kind)}
        found, problems = [], []
        for place, row in enumerate(rows):
            try:
                found.append(_step(row, sequence, known, templates))
            except ValidationError as error:
                problems += [f"steps[{place}]: {text}" for text in error.messages]
        places = [step.position for step in found]
        if len(set(places)) != len(places):
            problems.append(_("Two steps have the same position."))
        if problems:
            raise ValidationError(problems)
        return found


def _step(row: dict[str, Any], sequence: Sequence, known: dict[int, Any], templates: dict[int, Any]) -> SequenceStep:
    """One step as it was sent, complete and valid."""
    names = {"id", "template", *_NUMBERS, *_WORDS}
    if strangers := sorted(set(row) - names):
        raise ValidationError(_("There is no such field here: %(names)s.") % {"names": ", ".join(strangers)[:100]})
    wrong = [name for name in (*_NUMBERS, "template", "id") if not _is_number(row.get(name))]
    wrong += [name for name in _WORDS if not isinstance(row.get(name, ""), str)]
    if wrong:
        raise ValidationError(_("Not of the right kind: %(names)s.") % {"names": ", ".join(wrong)})
    step = SequenceStep(sequence=sequence) if row.get("id") is None else known.get(row["id"])
    if step is None:
        raise ValidationError(_("This step is not one of this sequence."))
    if row.get("template") is not None and row["template"] not in templates:
        raise ValidationError(_("This template is not there for people of this kind."))
    for name in (*_NUMBERS, *_WORDS):
        if name in row:
            setattr(step, name, row[name])
    if "template" in row:
        step.template = templates.get(row["template"])
    step.full_clean(exclude=["sequence"])
    return step


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


def write_steps(*, sequence: Sequence, by: access.Actor, steps: list[SequenceStep]) -> Sequence:
    """Let the sequence have these steps. Raises `Refused` while people are on their way through it."""
    access.demand(by, CHANGE)
    with transaction.atomic(), history.acting(by):
        locked = Sequence.objects.select_for_update(of=("self",)).get(pk=sequence.pk)
        if locked.state == Sequence.State.ACTIVE:
            raise Refused(_("Pause the sequence first: people are on their way through it."))
        if not locked.is_editable:
            raise Refused(_("A closed sequence is not changed any more."))
        locked.steps.exclude(pk__in=[step.pk for step in steps if step.pk]).delete()
        for step in steps:
            step.save()
        history.record("sequence.rewritten", locked, by=by, data={"note": _("all steps")})
    return locked


class WriteSteps(HandoverPage):
    source = Sequence
    title = gettext_lazy("Write the steps")
    form_class = StepsForm
    service = staticmethod(write_steps)
    source_argument = "sequence"
    permission = CHANGE


def steps_of(sequence: Sequence) -> list[dict[str, Any]]:
    """The steps of a sequence as JSON has them, in their order."""
    names = ("id", *_NUMBERS, *_WORDS, "template_id")
    return [{name.removesuffix("_id"): value for name, value in row.items()} for row in sequence.steps.values(*names)]

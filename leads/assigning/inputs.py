"""Inputs that the form of a rule is made of."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class WordsField(forms.CharField):
    """Words with commas between them, as a list; `code` turns each into what is kept, or "" where it is nothing known."""

    def __init__(self, *, code: Callable[[str], str] = str, **kwargs: Any) -> None:
        self.code = code
        super().__init__(required=False, max_length=2000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        words = [" ".join(word.split()) for word in super().clean(value).split(",")]
        found: list[str] = []
        for word in filter(None, words):
            if not (code := self.code(word)):
                raise ValidationError(_("“%(word)s” is not known here.") % {"word": word[:60]})
            if len(code) > 80 or len(found) >= 100:
                raise ValidationError(_("At most 100 words of at most 80 characters."))
            found.append(code)
        return list(dict.fromkeys(found))


class Ticks(forms.CheckboxSelectMultiple):
    """Many short choices, beside each other."""

    in_rows = True


def ticks(label: Any, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=choices, required=False, widget=Ticks)

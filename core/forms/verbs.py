"""Forms that many verbs share."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms.base import Form


class ReasonForm(Form):
    """Asks why: rejections, losses, cancellations. The answer stays in the history."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Kept in the history.")
    )


class NoteForm(Form):
    """Asks for a note, which may stay empty. It stays in the history."""

    note = forms.CharField(
        label=_("Note"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the history."),
    )

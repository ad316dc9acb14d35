"""Forms: how they look, what they accept, and fields that search on the server.

Every form of the house derives from `Form` or `ModelForm` here. They take the user (`user=`), so that pickers offer only what
that user may see; numbers are read and written in the reader's language; dates use the browser's own date field.
"""

from core.forms.base import Form, ModelForm, formfield
from core.forms.fields import AmountField, PickerField
from core.forms.lines import DocumentLinesFormSet, LineForm, lines_formset
from core.forms.renderer import BoundField, Renderer
from core.forms.verbs import NoteForm, ReasonForm
from core.forms.widgets import DateInput, DateTimeInput, NumberInput, Picker, Signature

__all__ = [
    "AmountField",
    "BoundField",
    "DateInput",
    "DateTimeInput",
    "DocumentLinesFormSet",
    "Form",
    "LineForm",
    "ModelForm",
    "NoteForm",
    "NumberInput",
    "Picker",
    "PickerField",
    "ReasonForm",
    "Renderer",
    "Signature",
    "formfield",
    "lines_formset",
]

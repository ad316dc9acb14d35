"""How forms look: our templates, and a class, a help and an error for each widget."""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting

from core.forms.widgets import Signature

_NOT_OURS = ("unfold", "django.contrib.admin", "import_export")


class BoundField(forms.BoundField):
    """Gives each widget its class and links it to its help and its error."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        widget = widget or self.field.widget
        found = super().build_widget_attrs(attrs, widget)
        if type(widget).__module__.startswith(_NOT_OURS):
            return found
        classes = [widget.attrs.get("class", ""), _css(widget)]
        if self.errors:
            classes.append("is-invalid")
        found["class"] = " ".join(c for c in classes if c)
        return found

    @property
    def is_checkbox(self) -> bool:
        return isinstance(self.field.widget, forms.CheckboxInput)

    @property
    def is_group(self) -> bool:
        return isinstance(self.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)

    @property
    def is_wide(self) -> bool:
        return isinstance(self.field.widget, forms.Textarea | forms.CheckboxSelectMultiple | Signature)


def _css(widget: forms.Widget) -> str:
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


class Renderer(TemplatesSetting):
    """Our templates for forms, fields and errors (`templates/forms/`)."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = BoundField

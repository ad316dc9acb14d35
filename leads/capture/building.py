"""Building a web form: which fields it asks for, in which order, which of them it requires."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.fields.definitions import definitions
from core.forms import ModelForm
from leads.capture.inputs import label_of
from leads.models import Lead, WebForm
from leads.models.webforms import ASKABLE, origin_of

#: Characters of a label, and the highest place.
LONGEST_LABEL, LAST = 120, 99
#: What a new form asks for.
FIRST = ("first_name", "last_name", "company_name", "email", "phone", "message")


def askable() -> dict[str, str]:
    """Name -> label of everything a form may ask for: a lead's fields, and those that administrators have added."""
    return {name: label_of(name) for name in ASKABLE} | {made.key: made.label for made in definitions(Lead)}


class AskedWidget(forms.Widget):
    """A row per field: asked, required, place, another label. No JavaScript, no dragging."""

    template_name = "leads/capture/asked.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        asked = {one["name"]: (place, one) for place, one in enumerate(value or (), 1) if isinstance(one, dict)}
        rows: list[dict[str, Any]] = []
        for field, label in askable().items():
            place, one = asked.get(field, (LAST, {}))
            row = {"name": field, "label": label, "asked": bool(one), "place": place if one else ""}
            rows.append(row | {"required": bool(one.get("required")), "own": one.get("label", "")})
        rows.sort(key=lambda row: row["place"] or LAST)
        context["widget"]["rows"] = rows
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        rows = []
        for field in askable():
            if data.get(f"{name}_{field}_asked"):
                label = str(data.get(f"{name}_{field}_label", "")).strip()
                found = {"name": field, "required": bool(data.get(f"{name}_{field}_required")), "label": label}
                rows.append((_place(data.get(f"{name}_{field}_place", "")), found))
        return [found for _where, found in sorted(rows, key=lambda row: row[0])]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return False

    def use_required_attribute(self, initial: Any) -> bool:
        return False


def _place(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else LAST


class AskedField(forms.Field):
    widget = AskedWidget

    def clean(self, value: Any) -> list[dict[str, Any]]:
        if not value:
            raise ValidationError(_("Choose at least one field."))
        if any(len(one["label"]) > LONGEST_LABEL or "\0" in one["label"] for one in value):
            raise ValidationError(_("A label has at most %(n)d characters.") % {"n": LONGEST_LABEL})
        return [one if one["label"] else {k: one[k] for k in ("name", "required")} for one in value]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(initial != data)


class WebFormForm(ModelForm):
    """What colleagues call it, what visitors see, what they are asked, what they agree to, and where it may stand."""

    fields_asked = AskedField(label=gettext_lazy("Fields"))
    sites = forms.CharField(
        label=gettext_lazy("Sites that may show it in a frame"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One per line: https://www.example.com. Nobody else can."),
    )
    sections = (
        (gettext_lazy("Form"), ("name", "campaign", "source", "language", "active")),
        (gettext_lazy("What visitors see"), ("title", "introduction", "button", "thanks", "thanks_url")),
        (gettext_lazy("What they are asked"), ("fields_asked",)),
        (gettext_lazy("What they agree to"), ("purposes", "double_opt_in", "notice_url")),
        (gettext_lazy("Where it stands"), ("sites", "external_id")),
    )

    class Meta:
        model = WebForm
        fields = (
            "name", "campaign", "source", "language", "active", "title", "introduction", "button", "thanks", "thanks_url",
            "purposes", "double_opt_in", "notice_url", "external_id",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        purposes: Any = self.fields["purposes"]
        purposes.widget = forms.CheckboxSelectMultiple(choices=purposes.choices)
        new = [{"name": name, "required": name in ("last_name", "email")} for name in FIRST]
        self.initial["fields_asked"] = self.instance.fields if self.instance.pk else new
        self.initial["sites"] = "\n".join(self.instance.sites)

    def clean_sites(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["sites"].splitlines() if line.strip()]
        if wrong := [line for line in lines if not origin_of(line)]:
            raise ValidationError(_("These are no sites: %(names)s.") % {"names": ", ".join(wrong[:3])})
        return sorted({origin_of(line) for line in lines})

    def _post_clean(self) -> None:
        self.instance.sites = self.cleaned_data.get("sites", [])
        self.instance.fields = self.cleaned_data.get("fields_asked", [])
        super()._post_clean()  # type: ignore[misc]

    def add_error(self, field: str | None, error: Any) -> None:
        """The model says `fields`, the form has `fields_asked`."""
        told = getattr(error, "error_dict", {})
        if "fields" in told:
            problems = told.pop("fields")
            if "fields_asked" not in self.errors:
                super().add_error("fields_asked", problems)
            if not told:
                return
        super().add_error(field, error)

"""What a web form asks for, as fields that clean what strangers send. Kept per process: a request builds nothing anew."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import m2m_changed
from django.dispatch import receiver
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.fields.definitions import PREFIX, definitions
from core.fields.forms import input_of
from core.fields.values import kept
from core.forms.base import localize
from core.models import CustomField, Purpose, PurposeText
from core.remembered import Remembered, changed
from leads.models import Lead, WebForm
from leads.models.webforms import ASKABLE, REACH

#: The browser's name of what is asked: it fills in by itself what it knows.
AUTOCOMPLETE = {
    "first_name": "given-name", "last_name": "family-name", "company_name": "organization", "email": "email",
    "job_title": "organization-title", "phone": "tel", "website": "url", "city": "address-level2",
}  # fmt: skip
_LONG = ("need", "message")


@dataclass(frozen=True)
class Words:
    """What somebody is asked to agree to: one version of the words of one purpose, in the form's language."""

    code: str
    version: int
    text: str


@dataclass(frozen=True)
class Door:
    """A form as requests need it."""

    form: WebForm
    fields: Mapping[str, forms.Field]
    words: tuple[Words, ...]
    campaign_name: str = ""


@dataclass
class Cleaned:
    """What was sent, made sense of: columns of a lead, custom fields, and what has no field of its own."""

    values: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)


def _read() -> dict[str, Door]:
    rows = WebForm.objects.using(DEFAULT_DB_ALIAS).filter(active=True).select_related("campaign")
    return {form.token: door_of(form) for form in rows.prefetch_related("purposes__texts")}


_doors = Remembered(_read)
_doors.of(WebForm, CustomField, Purpose, PurposeText)


@receiver(m2m_changed, sender=WebForm.purposes.through)
def _purposes_changed(**_signal: Any) -> None:
    changed()


def door(token: str) -> Door | None:
    """The active form of a token."""
    return _doors().get(token)


def door_of(form: WebForm) -> Door:
    with override(form.language):
        known = {made.key: made for made in definitions(Lead)}
        fields = {name: _input(spec, known) for spec in form.fields if (name := spec["name"]) and _exists(name, known)}
        words = tuple(_words(form))
    return Door(form, fields, words, str(form.campaign or ""))


def _exists(name: str, known: Mapping[str, Any]) -> bool:
    return name in known if name.startswith(PREFIX) else True


def _input(spec: Mapping[str, Any], known: Mapping[str, Any]) -> forms.Field:
    name, required = spec["name"], bool(spec.get("required"))
    if name in known:
        made = input_of(known[name])
        localize(made)
        made.required = required
    else:
        made = _of_lead(name, required)
    made.widget.is_required = required
    if label := spec.get("label"):
        made.label = label
    if name in AUTOCOMPLETE:
        made.widget.attrs["autocomplete"] = AUTOCOMPLETE[name]
    return made


def label_of(name: str) -> str:
    """A lead's field as a label: only its first letter is made large ("Partita IVA")."""
    label = str(Lead._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return label[:1].upper() + label[1:]


def _of_lead(name: str, required: bool) -> forms.Field:
    column: Any = Lead._meta.get_field(name)
    kwargs: dict[str, Any] = {"required": required, "label": label_of(name)}
    if name in _LONG:
        kwargs["widget"] = forms.Textarea(attrs={"rows": 4})
    if name == "website":
        kwargs["assume_scheme"] = "https"
    found: forms.Field = column.formfield(**kwargs)
    if name == "phone":
        found.widget.input_type = "tel"
    return found


def _words(form: WebForm) -> Any:
    for purpose in form.purposes.all():
        texts = sorted(purpose.texts.all(), key=lambda text: -text.version)
        if texts and purpose.is_active:
            yield Words(purpose.code, texts[0].version, texts[0].text)


def clean(found: Door, sent: Mapping[str, Any]) -> Cleaned:
    """Each value through its field; every error at once, in the language that is active."""
    result = Cleaned()
    known = {made.key: made for made in definitions(Lead)}
    for name, one in found.fields.items():
        try:
            value = one.clean(_text(sent.get(name, "")))
            if name in known:
                if (keep := kept(known[name], value)) is not None:
                    result.custom[known[name].name] = keep
            elif value:
                result.values[name] = value
        except ValidationError as error:
            result.errors[name] = list(error.messages)
    if not result.errors and not any(result.values.get(name) for name in REACH):
        result.errors[REACH[0]] = [_("Leave an e-mail address or a phone number.")]
    return result


def _text(value: Any) -> Any:
    """What a field can clean: text. Programs may send numbers and truth values too."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise ValidationError(_("Send a text here."))


def of_any_lead(sent: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(values of a lead, further data) of what was sent without a form: what cannot be right becomes further data."""
    values: dict[str, Any] = {}
    further: dict[str, Any] = {}
    for name, value in sent.items():
        if name not in ASKABLE:
            further[name] = value
            continue
        try:
            if cleaned := _of_lead(name, False).clean(_text(value)):
                values[name] = cleaned
        except ValidationError:
            further[name] = value
    return values, further

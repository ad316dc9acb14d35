"""What the wizard asks for: the file and what is in it, and which column goes where."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from core.fields import imports as own_fields
from core.forms import Form
from core.imports import catalogue, choice
from core.imports.catalogue import LIMITS, Importable
from core.imports.detect import DAY_FORMS
from core.imports.reader import DELIMITERS, ENCODINGS, FileRefused, Reading, Table, parse, too_large
from core.uploads import limited

ENCODING_NAMES = {
    "utf-8": "Unicode (UTF-8)", "utf-16": "Unicode (UTF-16)", "cp1252": gettext_lazy("Windows, Western Europe (1252)"),
    "latin-1": "ISO 8859-1", "mac-roman": gettext_lazy("Old Macintosh"), "cp850": gettext_lazy("Old DOS (850)"),
}  # fmt: skip
DELIMITER_NAMES = {
    ",": gettext_lazy("Comma"), ";": gettext_lazy("Semicolon"), "\t": gettext_lazy("Tab"), "|": gettext_lazy("Bar (|)"),
}  # fmt: skip
#: How the parts of a day are shown to people.
_PARTS = (
    ("%Y", pgettext_lazy("format of a date", "YYYY")), ("%y", pgettext_lazy("format of a date", "YY")),
    ("%m", pgettext_lazy("format of a date", "MM")), ("%d", pgettext_lazy("format of a date", "DD")),
    ("%H", "hh"), ("%M", "mm"), ("%S", "ss"),
)  # fmt: skip


class UploadForm(Form):
    """The file, and what its rows are."""

    kind = forms.ChoiceField(label=gettext_lazy("What is in the file?"))
    file = forms.FileField(label=pgettext_lazy("field", "File"), allow_empty_file=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.table: Table | None = None
        kinds: Any = self.fields["kind"]
        kinds.choices = [(kind.name, kind.label) for kind in catalogue.offered(self.user)]
        self.fields["file"].help_text = _(
            "CSV or XLSX, the first row with the names of the columns, up to %(n)d MB."
        ) % {"n": LIMITS.size // 1024 // 1024}
        limited(self.fields["file"], LIMITS.size, too_large(LIMITS))

    def clean_file(self) -> Any:
        """Judged by its content: whatever the name says, it is a table with rows or it is refused."""
        upload = self.cleaned_data["file"]
        if upload.size > LIMITS.size:
            raise forms.ValidationError(too_large(LIMITS))
        try:
            self.table = parse(upload.name, upload.read(), limits=LIMITS)
        except FileRefused as error:
            raise forms.ValidationError(str(error)) from error
        if not self.table.lines:
            raise forms.ValidationError(_nothing(self.table))
        upload.seek(0)
        return upload


def _nothing(table: Table) -> str:
    if not table.refused:
        return _("The file has no rows below the names of its columns.")
    first = "; ".join(_("row %(n)s: %(why)s") % {"n": n, "why": why} for n, why in table.refused[:3])
    return _("No row fits the names of the columns. %(rows)s") % {"rows": first}


class ReadingForm(Form):
    """How the file is written; asked by GET, so that the answer is an address."""

    encoding = forms.ChoiceField(label=gettext_lazy("Encoding"), required=False)
    delimiter = forms.ChoiceField(label=gettext_lazy("Separator"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["encoding"].choices = [(name, ENCODING_NAMES[name]) for name in ENCODINGS]
        fields["delimiter"].choices = [(sign, DELIMITER_NAMES[sign]) for sign in DELIMITERS]

    def reading(self, default: Reading) -> Reading:
        """The file's way of writing, where it was said; else as found."""
        given = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return Reading(given.get("encoding") or default.encoding, given.get("delimiter") or default.delimiter)


class MappingForm(Form):
    """One field and one way of writing per column, and by what rows are known."""

    key = forms.ChoiceField(
        label=gettext_lazy("Rows are known again by"),
        required=False,
        help_text=gettext_lazy("A row whose value is known changes that record; all others make new ones."),
    )
    blanks = forms.CharField(
        label=gettext_lazy("Words that mean “not answered”"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Separated by commas, for instance: n.d., Select, unknown."),
    )
    rest = forms.BooleanField(label=gettext_lazy("Keep all other columns as further data"), required=False)

    def __init__(
        self, *args: Any, kind: Importable, resource: Any, table: Table, mapping: dict[str, Any], **kw: Any
    ) -> None:
        self.kind, self.resource, self.table = kind, resource, table
        self.headers = [(at, header) for at, header in enumerate(table.headers) if header]
        initial = {name: mapping[name] for name in ("key", "rest")} | {"blanks": ", ".join(mapping["blanks"])}
        for at, header in self.headers:
            known = mapping["columns"].get(header, {})
            field = known.get("field", "")
            initial |= {
                f"field-{at}": field if field in resource.fields else "",
                f"format-{at}": known.get("format", ""),
            }
        super().__init__(*args, initial=initial, **kw)
        labels = choice.fields_of(resource)
        needed = choice.required_of(resource)
        options: list[Any] = [
            ("", _("— leave out —")),
            *((n, f"{label} *" if n in needed else label) for n, label in labels.items()),
        ]
        if kinds := own_fields.new_kinds(resource._meta.model, self.user):
            options.append((_("New custom field"), kinds))
        for at, header in self.headers:
            goes, written = _select(_("%(column)s goes to"), header), _select(_("%(column)s is written as"), header)
            self.fields[f"field-{at}"] = forms.ChoiceField(choices=options, required=False, label=header, widget=goes)
            self.fields[f"format-{at}"] = forms.ChoiceField(
                choices=formats(), required=False, label=header, widget=written
            )
        keys: Any = self.fields["key"]
        keys.choices = [*((n, labels[n]) for n in kind.keys if n in labels), ("", _("nothing: every row is new"))]
        if "attributes" not in resource.fields:
            del self.fields["rest"]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """For the page: each column with its first values and its two answers."""
        return [
            {
                "header": header,
                "samples": list(dict.fromkeys(line.cells[at] for line in self.table.lines[:200] if line.cells[at]))[:3],
                "field": self[f"field-{at}"],
                "format": self[f"format-{at}"],
                "unsure": bool(self[f"format-{at}"].value()) and not choice.detected(self.table, at).is_sure,
            }
            for at, header in self.headers
        ]

    @property
    def mapping(self) -> dict[str, Any]:
        data = self.cleaned_data
        columns = {h: {"field": data[f"field-{at}"], "format": data[f"format-{at}"]} for at, h in self.headers}
        blanks = [word.strip() for word in data["blanks"].split(",") if word.strip()]
        return {"columns": columns, "key": data["key"], "blanks": blanks, "rest": bool(data.get("rest"))}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors:
            for text in choice.complaints(self.mapping, self.kind, self.resource):
                self.add_error(None, text)
        return data


def _select(words: str, header: str) -> forms.Select:
    """A choice in a table, whose name for screen readers is the column it belongs to."""
    return forms.Select(attrs={"aria-label": words % {"column": header}})


def formats() -> list[Any]:
    """Ways of writing: as it is, numbers, days."""
    return [
        ("", _("as it is")),
        (_("Number"), [("n:,", "1.234,56"), ("n:.", "1,234.56")]),
        (_("Date"), [(f"d:{form}", shown(form)) for form in DAY_FORMS]),
    ]


def shown(form: str) -> str:
    for code, text in _PARTS:
        form = form.replace(code, str(text))
    return form

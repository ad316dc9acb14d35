"""The step of the import wizard that asks what the words of a file mean, where a field takes only some."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.forms import Form
from core.imports import catalogue, choice, words
from core.imports.jobs import table_of
from core.imports.lookups import plain
from core.imports.mapped import keep_words
from core.imports.reader import Table
from core.imports.words import FEW_OPTIONS, MOST_WORDS, NOTHING, Column, Word
from core.lifecycle import Reason, Refused
from core.models import ImportRun
from core.pages import Page


def columns_of(run: ImportRun, headers: list[str], user: Any) -> list[Column]:
    resource = catalogue.get(run.kind).resource(user=user, by=user)
    return list(words.columns_of(run.mapping, resource, headers, user))


def open_words(run: ImportRun, table: Table, user: Any) -> Iterator[Word]:
    """Words that neither a field nor a person has said the meaning of."""
    blanks = choice.blanks_of(run.mapping)
    for column in columns_of(run, table.headers, user):
        yield from (word for word in column.words(table, blanks) if word.is_guess or not word.means)


def url_for(run: ImportRun, user: Any) -> str:
    """The address of this step, "" where the run has no such words or is past it."""
    if run.state not in ("uploaded", "checked") or not run.mapping or not catalogue.allows(user, run.kind):
        return ""
    return run.act_on("words") if columns_of(run, list(run.mapping["columns"]), user) else ""


class WordsForm(Form):
    """One answer per word."""

    def __init__(self, *args: Any, run: ImportRun, table: Table, **kwargs: Any) -> None:
        self.columns: list[dict[str, Any]] = []
        super().__init__(*args, **kwargs)
        labels = choice.fields_of(catalogue.get(run.kind).resource(user=self.user, by=self.user))
        blanks = choice.blanks_of(run.mapping)
        for column in columns_of(run, table.headers, self.user):
            found = column.words(table, blanks)
            asked = [word for word in found if _is_asked(column, word)][:MOST_WORDS]
            self.columns.append(
                {
                    "column": column,
                    "label": labels[column.field],
                    "rows": [(word, self.ask(column, place, word)) for place, word in enumerate(asked)],
                    "understood": sum(not _is_asked(column, word) for word in found),
                    "left": sum(_is_asked(column, word) for word in found) - len(asked),
                }
            )

    def ask(self, column: Column, place: int, word: Word) -> str:
        """The name of the input for a word."""
        name = f"word-{column.at}-{place}"
        known = column.understood(word.text) in dict(column.options)
        refuse = [] if known else [("", _("— refuse these rows —"))]
        options = [*refuse, (NOTHING, _("leave empty")), *column.options]
        widget = forms.Select(attrs={"aria-label": _("“%(word)s” means") % {"word": word.text}})
        field = forms.ChoiceField(choices=options, required=False, label=word.text, initial=word.means, widget=widget)
        self.fields[name] = field
        return name

    @property
    def tables(self) -> list[dict[str, Any]]:
        """For the page: each column with its words and their inputs."""
        return [{**column, "rows": [(word, self[name]) for word, name in column["rows"]]} for column in self.columns]

    def said(self) -> dict[str, dict[str, Any]]:
        """{header: {compared word: value}} of the answers that differ from what the field makes of a word by itself."""
        found: dict[str, dict[str, Any]] = {}
        for asked in self.columns:
            column = asked["column"]
            shown = {plain(word.text) for word, _name in asked["rows"]}
            mine = {word: value for word, value in column.said.items() if word not in shown}
            for word, name in asked["rows"]:
                answer = self.cleaned_data[name]
                if answer and answer != column.understood(word.text):
                    mine[plain(word.text)] = "" if answer == NOTHING else answer
            found[column.header] = mine
        return found


def _is_asked(column: Column, word: Word) -> bool:
    return len(column.options) <= FEW_OPTIONS or word.is_guess or word.is_said or not word.means


class AssigningStep(Page):
    """A step that says what a file means, before anything is checked or written."""

    model = ImportRun
    permission = "assign_columns"

    def run(self) -> ImportRun:
        run: ImportRun = self.record()
        if not catalogue.allows(self.request.user, run.kind):
            raise PermissionDenied
        return run

    def too_late(self, run: ImportRun) -> list[Reason]:
        """Why nothing is assigned any more; empty while it can be."""
        if run.state in ("uploaded", "checked"):
            return []
        return [Reason(_("Not possible while “%(state)s”.") % {"state": run.get_state_display()})]


class ImportWords(AssigningStep):
    """The step between the columns and the check: what the words mean."""

    template_name = "core/import_words.html"
    permission = "assign_words"
    title = gettext_lazy("What the words mean")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.run()
        return self.ask(run, table_of(run))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.run()
        table = table_of(run)
        if not run.mapping:
            return self.ask(run, table)
        form = WordsForm(request.POST, user=request.user, run=run, table=table)
        if not form.is_valid():
            return self.ask(run, table, form=form, status=422)
        columns = {**run.mapping["columns"]}
        for header, said in form.said().items():
            plain_column = {name: value for name, value in columns[header].items() if name != "values"}
            columns[header] = plain_column | ({"values": said} if said else {})
        try:
            keep_words(run, table, columns, by=request.user)
        except Refused as error:
            return self.ask(run, table, form=form, reasons=error.reasons, status=409)
        return self.go(run.get_absolute_url())

    def ask(
        self, run: ImportRun, table: Table, *, form: Any = None, reasons: Any = (), status: int = 200
    ) -> HttpResponse:
        if not run.mapping:
            reasons, status = [Reason(_("The columns are not mapped yet."), run.act_on("map"))], 409
        elif late := self.too_late(run):
            reasons, status = [*reasons, *late], 409
        form = form or WordsForm(user=self.request.user, run=run, table=table)
        context = {"record": run, "kind": catalogue.get(run.kind), "form": form, "reasons": reasons}
        return self.show(context, status=status)

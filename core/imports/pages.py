"""The pages of the import wizard: upload, mapping, progress and result, the file and what came back of it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import IntegerField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.fields import imports as own_fields
from core.imports import catalogue, choice, returned, word_pages, words
from core.imports.catalogue import LIMITS
from core.imports.forms import MappingForm, ReadingForm, UploadForm
from core.imports.jobs import table_of
from core.imports.mapped import keep_mapping, remembered
from core.imports.reader import FileRefused, Reading, Table, parse, too_large
from core.imports.report import LABELS
from core.lifecycle import Reason, Refused
from core.models import File, ImportRun
from core.pages import ActPage, Column, DetailPage, ListPage, Page
from core.pages.downloads import download

_PREVIEW = 5
#: Problems shown on the page; all of them are in the file that comes back.
_MOST_PROBLEMS = 200
_STATES = ("create", "update", "skip", "error")


def _count(outcome: str) -> Cast:
    return Cast(KeyTextTransform(outcome, "counts"), IntegerField())


class ImportList(ListPage):
    model = ImportRun
    columns = (
        Column("name", link=True),
        Column("kind", hide_on_phone=True),
        Column("state"),
        *(
            Column(f"n_{name}", kind="number", label=LABELS[name], expression=_count(name), sort=False, places=0)
            for name in _STATES
        ),
        Column("owner", hide_on_phone=True),
        Column("created_at", kind="datetime"),
    )
    search_fields = ("name",)
    default_sort = "-created_at"
    empty_text = gettext_lazy("Nothing was imported yet: take a list as CSV or Excel and bring it in.")


class ImportUpload(Page):
    """The first step: the file."""

    model = ImportRun
    permission = "add"
    template_name = "core/import_upload.html"
    title = gettext_lazy("Import a file")

    def get(self, request: HttpRequest) -> HttpResponse:
        kinds = [kind.name for kind in catalogue.offered(request.user)]
        wanted = request.GET.get("kind", "")
        return self.ask(UploadForm(user=request.user, initial={"kind": wanted if wanted in kinds else ""}))

    def post(self, request: HttpRequest) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LIMITS.size + 1024 * 1024:
            form = UploadForm(user=request.user, data=request.POST)
            form.full_clean()
            form.errors.clear()
            form.add_error("file", too_large(LIMITS))
            return self.ask(form, status=413)
        form = UploadForm(user=request.user, data=request.POST, files=request.FILES)
        if not form.is_valid():
            return self.ask(form, status=422)
        run = upload(form.cleaned_data["kind"], form.cleaned_data["file"], form.table, by=request.user)
        return self.go(run.act_on("map"))

    def ask(self, form: UploadForm, *, status: int = 200) -> HttpResponse:
        if not catalogue.offered(self.request.user):
            raise PermissionDenied
        return self.show({"form": form, "cancel_url": self.url("list")}, status=status)


def upload(kind: str, file: Any, table: Table | None, *, by: Any) -> ImportRun:
    """Keep a file that was judged, and begin its run."""
    reading = table.reading if table else Reading()
    with transaction.atomic():
        mime = "text/csv" if reading.encoding else returned.XLSX
        file.seek(0)
        kept = File.store(name=str(file.name)[:200], mime=mime, content=file.read())
        return ImportRun.objects.create(
            owner=by,
            kind=kind,
            name=kept.name,
            file=kept,
            reading=vars(reading),
            total=len(table.lines) if table else 0,
        )


class ImportMap(word_pages.AssigningStep):
    """The second step: how the file is written, and which column goes where."""

    template_name = "core/import_map.html"
    title = gettext_lazy("Map the columns")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.ask(self.run())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.run()
        try:
            table = self.table(run, request.POST)
        except FileRefused as error:
            return self.ask(run, reasons=[Reason(str(error))], status=422)
        form = self.form(run, table, remembered(run, table))
        if not form.is_valid():
            return self.ask(run, form=form, table=table, status=422)
        try:
            with transaction.atomic():
                mapping = own_fields.make_new(form.mapping, catalogue.get(run.kind).model, table)
                mapping = words.carried_over(mapping, run.mapping or remembered(run, table))
                keep_mapping(run, table, mapping, by=request.user)
        except Refused as error:
            return self.ask(run, form=form, table=table, reasons=error.reasons, status=409)
        asks = any(word_pages.open_words(run, table, request.user))
        return self.go(run.act_on("words") if asks else run.get_absolute_url())

    def table(self, run: ImportRun, given: Any) -> Table:
        """The file, read as the reader of the page has said."""
        known = Reading(**run.reading)
        wanted = ReadingForm(given, user=self.request.user).reading(known) if given else known
        return parse(run.name, run.file.read(), reading=wanted, limits=LIMITS)

    def form(self, run: ImportRun, table: Table, known: dict[str, Any]) -> MappingForm:
        kind = catalogue.get(run.kind)
        resource = kind.resource(user=self.request.user, by=self.request.user)
        mapping = run.mapping or known or choice.guess(kind, resource, table)
        data = self.request.POST if self.request.method == "POST" else None
        return MappingForm(data, user=self.request.user, kind=kind, resource=resource, table=table, mapping=mapping)

    def ask(
        self, run: ImportRun, *, form: Any = None, table: Table | None = None, reasons: Any = (), status: int = 200
    ) -> HttpResponse:
        try:
            table = table or self.table(run, self.request.GET)
        except FileRefused as error:
            reasons, status, table = [*reasons, Reason(str(error))], 422, table_of(run)
        if late := self.too_late(run):
            reasons, status = [*reasons, *late], 409
        known = remembered(run, table)
        reading = ReadingForm(user=self.request.user, initial=vars(table.reading)) if table.reading.encoding else None
        return self.show(
            {
                "record": run,
                "kind": catalogue.get(run.kind),
                "form": form or self.form(run, table, known),
                "reading_form": reading,
                "reading": table.reading,
                "table": table,
                "preview": [(line.number, line.cells) for line in table.lines[:_PREVIEW]],
                "torn": table.refused[:_PREVIEW],
                "reasons": reasons,
                "remembered": bool(known),
            },
            status=status,
        )


class ImportDetail(DetailPage):
    """Progress while it works, then what became of the rows."""

    model = ImportRun
    template_name = "core/import_detail.html"

    def context(self, record: Any) -> dict[str, Any]:
        found = super().context(record) | progress(record)
        trial = not record.rows.filter(is_trial=False).exists()
        rows = record.rows.filter(is_trial=trial)
        errors = rows.filter(outcome="error").order_by("number")
        return found | {
            "kind": catalogue.get(record.kind) if record.kind in catalogue.known() else None,
            "is_trial": trial,
            "counts": [(name, LABELS[name], record.counts[name]) for name in _STATES if name in record.counts],
            "problems": [(row.number, *problem) for row in errors[:_MOST_PROBLEMS] for problem in row.problems][
                :_MOST_PROBLEMS
            ],
            "most": _MOST_PROBLEMS,
            "samples": samples(rows),
            "has_errors": errors.exists(),
            "undone": undone(record),
            "map_url": record.act_on("map") if record.state in ("uploaded", "checked") else "",
            "words_url": word_pages.url_for(record, self.request.user),
        }


def progress(run: ImportRun) -> dict[str, Any]:
    return {"record": run, "percent": run.done * 100 // run.total if run.total else 0, "log": run.log[-8:][::-1]}


def samples(rows: Any) -> list[tuple[Any, list[Any]]]:
    """The first rows of each kind but errors, which are shown all."""
    found = []
    for name in ("create", "update", "skip"):
        if first := list(rows.filter(outcome=name).order_by("number")[:_PREVIEW]):
            found.append((LABELS[name], first))
    return found


def undone(run: ImportRun) -> dict[str, Any]:
    """How an undoing went: counts, and every row that was left, with the reason."""
    rows = run.rows.taken().exclude(undone="")
    kept = rows.filter(undone="kept").order_by("number")
    return {
        "removed": rows.filter(undone="removed").count(),
        "restored": rows.filter(undone="restored").count(),
        "kept": kept.count(),
        "rows": kept[:_MOST_PROBLEMS],
    }


class ImportProgress(Page):
    """Asked again and again while a worker has the file; when it is done the page is loaded anew."""

    model = ImportRun
    template_name = "core/import_detail.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.record()
        if not run.is_working:
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return self.show(progress(run), part="progress")


class ImportAct(ActPage):
    model = ImportRun


class ImportFile(Page):
    """The file as it came, for its owner and administrators."""

    model = ImportRun

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.record()
        return download(run.name, run.file.read())


class ImportErrors(Page):
    """The rows that did not go in, as they were, with the reason: mended, they can be brought in again."""

    model = ImportRun

    def get(self, request: HttpRequest, pk: int) -> Any:
        run = self.record()
        as_csv = request.GET.get("format") == "csv"
        stem = run.name.rpartition(".")[0] or run.name
        name = stem + "-" + _("errors") + (".csv" if as_csv else ".xlsx")
        content, mime = returned.as_csv(run) if as_csv else returned.as_workbook(run)
        return FileResponse(content, as_attachment=True, filename=name, content_type=mime)

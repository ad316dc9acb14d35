"""Imports by hand: a file on its way in, what became of each row, and how columns were mapped the last time."""

from functools import partial
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import outbox
from core.lifecycle import Reason, StateField, transition
from core.models.deliveries import File
from core.models.records import Record, Stateful


def is_mapped(run: Any) -> Reason | None:
    """The columns have to be mapped before anything is done with the file."""
    return None if run.mapping else Reason(gettext("The columns are not mapped yet."), run.act_on("map"))


def may_import(run: Any, by: Any) -> str | None:
    from core.imports import catalogue

    return None if catalogue.allows(by, run.kind) else gettext("You have no right to import these records.")


def something_is_in(run: Any) -> str | None:
    return None if run.rows.taken().exists() else gettext("No row of this file is in: there is nothing to undo.")


def kinds() -> list[tuple[str, str]]:
    """What can be imported, as choices."""
    from core.imports import catalogue

    return [(name, kind.label) for name, kind in catalogue.known().items()]


class ImportRun(Stateful, Record):
    """One file from upload to its last row. Seen by its owner and by administrators only."""

    ICON = "file-import"
    OWN_FIELDS = False

    class State(models.TextChoices):
        UPLOADED = "uploaded", pgettext_lazy("import", "Uploaded")
        CHECKING = "checking", pgettext_lazy("import", "Checking")
        CHECKED = "checked", pgettext_lazy("import", "Checked")
        RUNNING = "running", pgettext_lazy("import", "Running")
        DONE = "done", pgettext_lazy("import", "Done")
        FAILED = "failed", pgettext_lazy("import", "Failed")
        CANCELLED = "cancelled", pgettext_lazy("import", "Cancelled")
        UNDOING = "undoing", pgettext_lazy("import", "Undoing")
        UNDONE = "undone", pgettext_lazy("import", "Undone")

    #: States in which a worker has the file.
    WORKING = (State.CHECKING, State.RUNNING, State.UNDOING)
    SIDE_STATES = ("failed", "cancelled", "undoing", "undone")

    state = StateField(choices=State.choices, default=State.UPLOADED)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("owner")
    )
    kind = models.CharField(_("what"), max_length=20, choices=kinds)
    name = models.CharField(_("file"), max_length=200)
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    #: How the file is written, which column goes where (see `core.imports.choice`); empty until somebody has said so.
    reading = models.JSONField(default=dict, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    total = models.PositiveIntegerField(_("rows"), default=0)
    done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict, blank=True)
    log = models.JSONField(default=list, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    touched_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        default_permissions = ("view", "add")
        permissions = [
            ("import_records", _("Can import records of every kind they may add and change")),
            ("import_lists", _("Can import lists of people: leads and contacts")),
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at", "-id"], name="importrun_of_owner"),
            models.Index(fields=["-created_at", "-id"], name="importrun_newest"),
            models.Index(
                fields=["touched_at"], condition=Q(state__in=["checking", "running", "undoing"]), name="importrun_open"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def act_on(self, page: str) -> str:
        """The address of one of its pages, "" where there is none."""
        from core.pages.base import model_url

        return model_url(type(self), page, self.pk)

    @property
    def is_working(self) -> bool:
        return self.state in self.WORKING

    def say(self, text: str) -> None:
        """A line in the log; the caller saves."""
        self.log = [*self.log[-199:], {"at": timezone.now().isoformat(timespec="seconds"), "text": text}]

    def _begin(self) -> None:
        """From the first row; a worker is woken once this is committed, and the schedule finds it if none hears."""
        self.done, self.counts, self.attempts, self.reason, self.finished_at = 0, {}, 0, "", None
        self._wake()

    def _wake(self) -> None:
        self.touched_at = timezone.now()
        transaction.on_commit(partial(outbox.kick, "core.work_on_import", run_id=self.pk), robust=True)

    # --- Verbs, in life order ----------------------------------------------------------------------------------------

    @transition(
        source=(State.UPLOADED, State.CHECKED),
        target=State.UPLOADED,
        label=_("Map the columns"),
        event="mapped",
        past=_("mapped the columns"),
        by_hand=False,
    )
    def assign_columns(self, *, by: Any, mapping: dict[str, Any], reading: dict[str, str], total: int) -> None:
        self.mapping, self.reading, self.total, self.done, self.counts = mapping, reading, total, 0, {}

    @transition(
        source=(State.UPLOADED, State.CHECKED),
        target=State.UPLOADED,
        label=_("Say what the words mean"),
        event="worded",
        past=_("said what the words mean"),
        conditions=[is_mapped],
        by_hand=False,
    )
    def assign_words(self, *, by: Any, mapping: dict[str, Any]) -> None:
        self.mapping, self.done, self.counts = mapping, 0, {}

    @transition(
        source=(State.UPLOADED, State.CHECKED),
        target=State.CHECKING,
        label=_("Check without saving"),
        event="check_started",
        past=_("had the file checked"),
        conditions=[is_mapped, may_import],
    )
    def dry_run(self, *, by: Any) -> None:
        self._begin()

    @transition(
        source=State.CHECKING,
        target=State.CHECKED,
        label=_("Report"),
        event="checked",
        past=_("checked the file"),
        by_hand=False,
    )
    def report(self, *, by: Any) -> None:
        self.finished_at = timezone.now()

    @transition(
        source=State.CHECKED,
        target=State.RUNNING,
        label=pgettext_lazy("verb", "Import"),
        event="started",
        past=_("had the file imported"),
        conditions=[is_mapped, may_import],
        tone="primary",
    )
    def start(self, *, by: Any) -> None:
        self._begin()

    @transition(
        source=State.RUNNING,
        target=State.DONE,
        label=_("Finish"),
        event="finished",
        past=_("imported the file"),
        by_hand=False,
    )
    def finish(self, *, by: Any) -> None:
        self.finished_at = timezone.now()

    @transition(
        source=(State.CHECKING, State.RUNNING, State.UNDOING),
        target=State.FAILED,
        label=_("Give up"),
        event="failed",
        past=_("could not go on"),
        by_hand=False,
    )
    def fail(self, *, by: Any, reason: str) -> None:
        self.reason, self.finished_at = reason, timezone.now()
        self.say(reason)

    @transition(
        source=(State.UPLOADED, State.CHECKING, State.CHECKED, State.RUNNING),
        target=State.CANCELLED,
        label=_("Cancel the import"),
        event="cancelled",
        past=_("cancelled the import"),
        tone="danger",
    )
    def cancel(self, *, by: Any) -> None:
        """Between two batches: what is in stays in, and can be undone."""
        self.finished_at = timezone.now()
        if self.state == self.State.RUNNING:
            self.say(gettext("Cancelled after %(done)d of %(total)d rows.") % {"done": self.done, "total": self.total})

    @transition(
        source=(State.DONE, State.CANCELLED, State.FAILED),
        target=State.UNDOING,
        label=_("Undo the import"),
        event="undo_started",
        past=_("had the import undone"),
        conditions=[something_is_in, may_import],
        tone="danger",
    )
    def undo(self, *, by: Any) -> None:
        self.attempts = 0
        self._wake()

    @transition(
        source=State.UNDOING,
        target=State.UNDONE,
        label=_("Finish the undoing"),
        event="undone",
        past=_("undid the import"),
        by_hand=False,
    )
    def finish_undo(self, *, by: Any) -> None:
        self.finished_at = timezone.now()


class ImportRowQuerySet(models.QuerySet["ImportRow"]):
    def taken(self) -> "ImportRowQuerySet":
        """Rows that are in: created or updated by the run itself."""
        return self.filter(is_trial=False, outcome__in=("create", "update"))


class ImportRow(models.Model):
    """What became of one row of the file: of every row that went in or was refused, and of the first skipped ones.

    `problems` are (column, value, reason); `before` and `version` are the ids of the record's versions around the import.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rows")
    is_trial = models.BooleanField()
    number = models.PositiveIntegerField(_("row"))
    outcome = models.CharField(max_length=6)
    record_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=200, blank=True)
    problems = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    notes = models.TextField(blank=True)
    cells = models.JSONField(null=True)
    before = models.BigIntegerField(null=True)
    version = models.BigIntegerField(null=True)
    undone = models.CharField(max_length=8, blank=True)
    kept_because = models.TextField(blank=True)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["run", "is_trial", "number"], name="importrow_is_told_once")]

    def __str__(self) -> str:
        return f"{self.run_id} #{self.number}"


class ImportMapping(models.Model):
    """Which column went where the last time, per person, kind of record and set of headers."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    headers = models.CharField(_("fingerprint of the headers"), max_length=64)
    mapping = models.JSONField(default=dict, blank=True)
    used_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("mapping of an import")
        verbose_name_plural = _("mappings of imports")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "kind", "headers"], name="importmapping_is_unique")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.headers[:8]}"

"""Taking a conversion back: what it made goes, what it changed is as it was; or every reason why it is too late."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from activities.models import Notification
from core import access, history
from core.lifecycle import Reason, Refused
from core.merging import rows
from core.models import Consent, DataAccess, Delivery, Event
from core.privacy.erasing import opened
from core.references import references_to
from leads.models import Lead
from leads.models.conditions import UNDO_WITHIN
from opportunities.models import Conversion, Opportunity
from opportunities.recording import key_of
from parties.models import Company, Contact

#: What a conversion makes, in the order in which it goes again.
MADE: dict[str, Any] = {"opportunity": Opportunity, "contact": Contact, "company": Company}
#: Acts that are told of by the conversion itself.
OWN_ACTS = ("opportunity.drafted",)


def undo_conversion(*, lead: Lead, by: access.Actor) -> Lead:
    """The lead is qualified again, and everything else as it was before it was converted.

    What is told stays told: history, the register of access, numbers (the opportunity's is not given again). Raises
    `Refused` with every reason, `PermissionDenied` without the right.
    """
    access.demand(by, "leads.unconvert_lead")
    with transaction.atomic(), history.acting(by):
        locked = Lead.objects.select_for_update(of=("self",)).get(pk=lead.pk)
        conversion = _standing(locked)
        if reasons := _why_not(locked, conversion):
            raise Refused(*reasons)
        locked.unconvert(by=by)
        _take_back(conversion, by)
        connection.check_constraints()
    lead.refresh_from_db()
    return lead


def why_not(lead: Lead) -> list[Reason]:
    """Every reason against taking the conversion of this lead back now."""
    return _why_not(lead, _standing(lead))


def what_goes(lead: Lead) -> list[Any]:
    """The records that taking it back would remove."""
    conversion = _standing(lead)
    return list(_made(conversion).values()) if conversion else []


def forget() -> None:
    """What was kept for undoing is emptied when the time for it is over: personal data are kept no longer than needed."""
    Conversion.objects.filter(at__lt=timezone.now() - UNDO_WITHIN).exclude(kept={}).update(kept={})


def _standing(lead: Lead) -> Conversion | None:
    """The last conversion that nobody has undone. Who undoes it holds the lead's row, so nobody else does."""
    found: Conversion | None = Conversion.objects.standing().filter(lead=lead).order_by("-pk").first()
    return found


def _made(conversion: Conversion) -> dict[str, Any]:
    """What it made and is still there, by name."""
    found = {
        name: model._base_manager.filter(pk=conversion.made[name]).first()
        for name, model in MADE.items()
        if conversion.made.get(name)
    }
    return {name: record for name, record in found.items() if record is not None}


# --- Reasons against ------------------------------------------------------------------------------------------------------


def _why_not(lead: Lead, conversion: Conversion | None) -> list[Reason]:
    if lead.state != Lead.State.CONVERTED or conversion is None:
        return [Reason(_("There is no conversion to undo."))]
    if timezone.now() - conversion.at > UNDO_WITHIN or not conversion.kept:
        return [Reason(_("It was converted more than 24 hours ago."))]
    if key_of(lead) not in conversion.kept or Conversion.objects.standing().filter(lead=lead).count() > 1:
        return [Reason(_("This lead was merged with another one since."))]
    return [*_changed(conversion), *_downstream(conversion)]


def _changed(conversion: Conversion) -> Iterator[Reason]:
    """Rows that are gone, and columns that somebody has changed since: undoing would lose the change."""
    for key, kept in conversion.kept.items():
        model, pk = _row_of(key)
        record = model._base_manager.filter(pk=pk).first()
        if record is None:
            yield Reason(
                _("What it made or changed is no longer there: %(kind)s.") % {"kind": model._meta.verbose_name}
            )
            continue
        now, before, after = rows.read(model, pk), kept.get("before"), kept["after"]
        names = [
            str(column.verbose_name)
            for column in rows.judged(model)
            if now[column.column] != after.get(column.column)
            and not (before and before.get(column.column) == after.get(column.column))
        ]
        if names:
            text = _("“%(name)s” was changed since: %(fields)s.")
            yield Reason(text % {"name": record, "fields": ", ".join(names)}, record.get_absolute_url())


def _downstream(conversion: Conversion) -> Iterator[Reason]:
    """What hangs on the records it made, beyond what it hung there itself."""
    for record in _made(conversion).values():
        kind: Any = type(record)
        for reference in references_to(kind):
            found = _others(reference, reference.rows(kind, record.pk), conversion).count()
            if found:
                what = reference.model._meta.verbose_name if found == 1 else reference.model._meta.verbose_name_plural
                text = _("Something hangs on “%(name)s” already: %(n)d %(what)s.")
                yield Reason(text % {"name": record, "n": found, "what": what}, record.get_absolute_url())


def _others(reference: Any, found: Any, conversion: Conversion) -> Any:
    """Rows that hold the undoing back: not that somebody was told or looked, nor what the conversion itself made."""
    model, made = reference.model, conversion.made
    if model in (DataAccess, Notification):
        return found.none()
    if model is Event:
        return found.exclude(name__in=OWN_ACTS)
    if model is Delivery:
        return found.exclude(channel="webhook")
    if model is Lead:
        return found.exclude(pk=conversion.lead_id)
    if model is Consent:
        return found.exclude(pk__in=made.get("consents", []))
    name = next((name for name, kind in MADE.items() if kind is model), "")
    return found.exclude(pk=made[name]) if made.get(name) else found


# --- Taking it back -------------------------------------------------------------------------------------------------------


def _take_back(conversion: Any, by: access.Actor) -> None:
    _remove(conversion)
    _restore(conversion)
    conversion.undone_at, conversion.undone_by, conversion.kept = timezone.now(), access.name_of(by)[:200], {}
    conversion.save(update_fields=["undone_at", "undone_by", "kept"])


def _remove(conversion: Conversion) -> None:
    """The rows alone, with what told people of them. Proofs of consent were copied: the lead's own stay with the lead."""
    copies = conversion.made.get("consents", [])
    with opened(Consent):
        files: Any = Consent.files.through._base_manager.filter(consent__in=copies)
        files._raw_delete(files.db)
        consents = Consent._base_manager.filter(pk__in=copies)
        consents._raw_delete(consents.db)
    for record in _made(conversion).values():
        kind = ContentType.objects.get_for_model(record)
        Notification.objects.filter(subject_type=kind, subject_id=record.pk).delete()
        mine = type(record)._base_manager.filter(pk=record.pk)
        mine._raw_delete(mine.db)


def _restore(conversion: Conversion) -> None:
    """Rows it changed, column by column. Where somebody has edited another column since, the edit stays."""
    for key, kept in conversion.kept.items():
        if (before := kept.get("before")) is None:
            continue
        model, pk = _row_of(key)
        now, after = rows.read(model, pk), kept["after"]
        judged = {column.column for column in rows.judged(model)}
        later = {name for name in judged if before.get(name) == after.get(name) != now[name]}
        if later:
            before = {name: value for name, value in before.items() if name in judged - later}
        rows.write(model, pk, before)


def _row_of(key: str) -> tuple[Any, int]:
    label, _colon, pk = key.rpartition(":")
    return apps.get_model(label), int(pk)

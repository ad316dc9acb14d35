"""What a person has agreed to: given and withdrawn with proof, never overwritten; what they said last is what counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from dateutil.relativedelta import relativedelta
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models, transaction
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import JSONObject, Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, history
from core.lifecycle import Refused
from core.models import Consent, File, Purpose, PurposeText
from core.privacy.registry import is_person, person_models
from core.written import written

ADD = "core.add_consent"


@dataclass(frozen=True)
class Standing:
    """How a person stands to one purpose. `at` is when they last said something about it, None if they never have."""

    purpose: Purpose
    given: bool
    at: datetime | None = None
    source: str = ""
    version: int | None = None

    @property
    def until(self) -> datetime | None:
        """When the consent runs out; None without one, or until it is withdrawn."""
        months = self.purpose.months
        return self.at + relativedelta(months=months) if self.given and self.at and months else None

    @property
    def is_valid(self) -> bool:
        return self.given and (self.until is None or self.until > timezone.now())

    @property
    def state(self) -> str:
        if self.at is None:
            return "none"
        if not self.given:
            return "withdrawn"
        return "given" if self.is_valid else "expired"


#: Where a row of a person keeps what `with_standing` has fetched with it.
FETCHED = "fetched_standing"


def with_standing(rows: Any) -> Any:
    """People with how they stand to each purpose, in the same query; other rows as they are."""
    if rows.model not in person_models():
        return rows
    return rows.annotate(**{FETCHED: _fetching(rows.model, ContentType.objects.get_for_model(rows.model))})


@cache
def _fetching(model: type[models.Model], kind: ContentType) -> Any:
    facts = JSONObject(pk="pk", name="name", code="code", months="months", last="last")
    return written(model, ArraySubquery(_purposes(kind, OuterRef(OuterRef("pk"))).values(facts=facts)))


def _purposes(kind: ContentType, person: Any) -> Any:
    """The purposes in use, or of which something was said, each with the last word as JSON."""
    said = Consent.objects.filter(subject_type=kind, subject_id=person, purpose=OuterRef("pk"))
    facts = JSONObject(given="given", at="at", source="source", version="text__version")
    last = Subquery(said.order_by("-at", "-pk").values(facts=facts)[:1])
    return Purpose.objects.annotate(last=last).filter(Q(is_active=True) | Q(last__isnull=False)).order_by("name")


def standing(person: models.Model) -> list[Standing]:
    """One for each purpose in use, or of which something was said. One query, none if they were fetched with the person."""
    fetched = person.__dict__.get(FETCHED)
    if fetched is not None:
        return [_standing(Purpose(**{k: row[k] for k in row if k != "last"}), row["last"]) for row in fetched]
    kind = ContentType.objects.get_for_model(person)
    return [_standing(purpose, purpose.last) for purpose in _purposes(kind, person.pk)]


def _standing(purpose: Purpose, last: dict[str, Any] | None) -> Standing:
    if last is None:
        return Standing(purpose, given=False)
    at = datetime.fromisoformat(last["at"])
    return Standing(purpose, last["given"], at, str(Consent.Source(last["source"]).label), last["version"])


def standing_of(person: models.Model, purpose: Purpose) -> Standing:
    last = Consent.objects.about(person).filter(purpose=purpose).select_related("text").first()
    if last is None:
        return Standing(purpose, given=False)
    return Standing(purpose, last.given, last.at, last.get_source_display(), last.text.version if last.text else None)


def consenting(rows: Any, purpose: Purpose) -> Any:
    """Those of the rows whose consent is valid: a yes, not run out, and no later no for the same address."""
    kind = ContentType.objects.get_for_model(rows.model)
    same_purpose = Consent.objects.filter(purpose=purpose)
    of_them = Q(subject_type=kind, subject_id=OuterRef("pk"))
    of_address = Q(email=Lower(OuterRef("email"))) & ~Q(email="") & Q(given=False)
    last = same_purpose.filter(of_them | of_address).order_by("-at", "-pk")
    yes = same_purpose.filter(subject_type=kind, given=True)
    if purpose.months:
        yes = yes.filter(at__gt=timezone.now() - relativedelta(months=purpose.months))
    said = Subquery(last.values("pk")[:1])
    return rows.filter(pk__in=yes.values("subject_id")).alias(last_word=said).filter(last_word__in=yes.values("pk"))


def give(
    *,
    subject: Any,
    purpose: Purpose,
    by: access.Actor,
    source: str,
    at: datetime | None = None,
    text: PurposeText | None = None,
    ip: str | None = None,
    evidence: str = "",
    files: Iterable[Any] = (),
) -> Consent:
    """Write down a yes with its proof: the words agreed to (the present ones unless given), when, how, from which address.

    `files` are uploads (name, mime, content). Raises `Refused` where there are no words, or a proof is missing.
    """
    words = text or purpose.present_text
    if words is None:
        raise Refused(_("This purpose has no text yet: nobody can agree to it."))
    if not purpose.is_active:
        raise Refused(_("This purpose is no longer in use."))
    files = list(files)
    if not (evidence.strip() or ip or files):
        raise Refused(_("Say how it can be proved: a note, a file, or the address it came from."))
    return _write(
        subject, purpose, True, by=by, source=source, at=at, text=words, ip=ip, evidence=evidence, files=files
    )


def withdraw(
    *,
    subject: Any,
    purpose: Purpose,
    by: access.Actor,
    source: str,
    at: datetime | None = None,
    ip: str | None = None,
    evidence: str = "",
) -> Consent:
    """Write down a no, also of somebody who never said yes. Refused if the last word is a no already."""
    now = standing_of(subject, purpose)
    if now.state == "withdrawn":
        raise Refused(_("This consent is withdrawn already."))
    return _write(subject, purpose, False, by=by, source=source, at=at, ip=ip, evidence=evidence)


def _write(
    subject: Any,
    purpose: Purpose,
    given: bool,
    *,
    by: access.Actor,
    at: datetime | None,
    files: Iterable[Any] = (),
    **facts: Any,
) -> Consent:
    if not access.may(by, ADD, open_to=("customer",)):
        access.demand(by, ADD)
    if not is_person(subject):
        raise Refused(_("Only people consent."))
    if at is not None and at > timezone.now():
        raise Refused(_("Nobody has said anything in the future."))
    kind = ContentType.objects.get_for_model(subject)
    with transaction.atomic():
        consent = Consent(
            subject_type=kind,
            subject_id=subject.pk,
            purpose=purpose,
            given=given,
            at=at or timezone.now(),
            email=subject.email.lower(),
            recorded_by=access.user_of(by),
            recorded_name=access.name_of(by)[:200],
            **facts,
        )
        consent.full_clean(exclude=["subject_type", "text"])
        consent.save(force_insert=True)
        consent.files.add(*(File.store(name=f.name, mime=f.mime, content=f.content) for f in files))
        event = "consent_given" if given else "consent_withdrawn"
        history.record(f"{subject._meta.model_name}.{event}", subject, by=by, data={"note": purpose.name})
    return consent


def carry_over(source: models.Model, target: models.Model) -> list[Consent]:
    """The same person has a new record: what they have said goes with them, as it was said. Returns the new rows."""
    copies = []
    kind = ContentType.objects.get_for_model(target)
    known = set(Consent.objects.about(target).values_list("purpose_id", "at", "given"))
    for consent in Consent.objects.about(source).prefetch_related("files").order_by("pk"):
        if (consent.purpose_id, consent.at, consent.given) in known:
            continue
        files = list(consent.files.all())
        consent.pk, consent.subject_type, consent.subject_id = None, kind, target.pk
        consent._state.adding = True
        consent.save(force_insert=True)
        consent.files.add(*files)
        copies.append(consent)
    return copies

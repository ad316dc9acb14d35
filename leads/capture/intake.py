"""From what came in to a lead: the same person within a day is the same lead, whose gaps are filled and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core import access, fulltext, history
from core.fields.forms import born_with
from leads import services, touches
from leads.models import Campaign, Capture, Lead, Touch

#: How long a further submission is one of the same matter, and how many further data a lead takes.
SAME_MATTER = timedelta(hours=24)
MOST_FURTHER, LONGEST_FURTHER = 60, 300
#: What the parameters of an address are called, and what we call them.
_UTM = {"utm_source": "source", "utm_medium": "medium", "utm_term": "term", "utm_content": "content"}


@dataclass
class Facts:
    """What is known of one submission once it was cleaned."""

    capture: Capture
    values: dict[str, Any]
    custom: dict[str, Any] = field(default_factory=dict)
    further: dict[str, Any] = field(default_factory=dict)
    campaign: Campaign | None = None

    @property
    def actor(self) -> access.Actor:
        """Who does this in the history: whoever typed it in, else the person themselves."""
        if self.capture.by is not None:
            return self.capture.by
        name = f"{self.values.get('first_name', '')} {self.values.get('last_name', '')}".strip()
        return access.Customer(name or self.values.get("email", "") or _("unknown"), self.values.get("email", ""))


def take_in(facts: Facts) -> tuple[Lead, bool]:
    """The lead of a submission, made or updated, with its touches; whether it is new. Inside the caller's transaction."""
    _one_at_a_time(facts.values)
    lead, is_new = _twin(facts), False
    if lead is None:
        lead, is_new = _make(facts), True
    else:
        _fill(lead, facts)
    _touch(lead, facts)
    return lead, is_new


def _one_at_a_time(values: Mapping[str, Any]) -> None:
    """Two submissions of one person wait for each other until the transaction ends; others do not notice."""
    email, digits = str(values.get("email", "")).casefold(), _digits(values.get("phone", ""))
    with connection.cursor() as cursor:
        for key in sorted(filter(None, (email, digits))):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 4))", [f"capture {key}"])


def _digits(phone: Any) -> str:
    return "".join(c for c in str(phone) if c.isdigit())[-8:]


# --- Which lead -----------------------------------------------------------------------------------------------------------


def _twin(facts: Facts) -> Lead | None:
    """The open lead with this address or number that came, or came again, within a day of this submission."""
    at = facts.capture.received_at
    around = Q(at__range=(at - SAME_MATTER, at + SAME_MATTER))
    recent = Lead.objects.open().filter(
        Q(created_at__range=(at - SAME_MATTER, at + SAME_MATTER))
        | Q(pk__in=Touch.objects.filter(around).values("lead"))
    )
    recent = recent.select_for_update(of=("self",)).order_by("-pk")
    if email := facts.values.get("email", ""):
        # The words find the candidates by the index, the comparison decides.
        found = recent.filter(search=fulltext.exactly(email), email__iexact=email).first()
        if found is not None:
            return found
    if phone := facts.values.get("phone", ""):
        rows, same = fulltext.same_phone(recent, ("phone",), phone)
        for lead in rows.filter(same)[:20] if same is not None else ():
            if not _somebody_else(lead, facts.values):
                return lead
    return None


def _somebody_else(lead: Lead, values: Mapping[str, Any]) -> bool:
    """A colleague at the same switchboard: another address and another name."""
    return all(
        getattr(lead, name) and values.get(name) and getattr(lead, name).casefold() != str(values[name]).casefold()
        for name in ("email", "last_name")
    )


# --- What becomes of it ---------------------------------------------------------------------------------------------------


def _make(facts: Facts) -> Lead:
    form = facts.capture.form
    values = dict(facts.values)
    values.setdefault("source", form.source or form.name[:80] if form else "")
    if form is not None:
        values.setdefault("language", form.language)
    with born_with(Lead, {"custom": facts.custom} if facts.custom else {}):
        return services.create_lead(
            by=facts.actor,
            touched=False,
            campaign=facts.campaign,
            attributes=_further(facts.further),
            created_at=min(facts.capture.received_at, timezone.now()),
            **values,
        )


def _further(found: Mapping[str, Any]) -> dict[str, str]:
    known = list(found.items())[:MOST_FURTHER]
    return {touches.clean(name, 80): touches.clean(value, LONGEST_FURTHER) for name, value in known}


def _fill(lead: Lead, facts: Facts) -> None:
    """Gaps only: what somebody has corrected here is never undone by what they type there. A further message is added."""
    given = {name: value for name, value in facts.values.items() if name != "message" and not getattr(lead, name)}
    if facts.campaign is not None and lead.campaign_id is None:
        given["campaign"] = facts.campaign
    if message := _added(lead.message, facts):
        given["message"] = message
    if custom := {name: value for name, value in facts.custom.items() if name not in lead.custom}:
        given["custom"] = {**lead.custom, **custom}
    attributes = lead.attributes if isinstance(lead.attributes, dict) else {}
    if further := {k: v for k, v in _further(facts.further).items() if k not in attributes}:
        given["attributes"] = {**attributes, **further}
    with history.acting(facts.actor):
        if given:
            for name, value in given.items():
                setattr(lead, name, value)
            lead.save(update_fields=[*given, "updated_at"])
        what = str(facts.capture.form or facts.capture.get_channel_display())
        history.record("lead.captured", lead, by=facts.actor, data={"note": what})
    services.lead_changed(lead)


def _added(present: str, facts: Facts) -> str:
    """Both messages, the new one below with its day; "" where there is nothing to add or no room for it."""
    new = str(facts.values.get("message", "")).strip()
    if not new or new in present:
        return ""
    day = timezone.localtime(facts.capture.received_at).strftime("%d/%m/%Y %H:%M")
    both = f"{present}\n\n{day}\n{new}" if present else new
    longest = Lead._meta.get_field("message").max_length or 0
    return both if len(both) <= longest else ""


# --- Touches --------------------------------------------------------------------------------------------------------------


def _touch(lead: Lead, facts: Facts) -> None:
    """The touch of this submission, and what its cookie tells of earlier ones that we do not know yet."""
    capture = facts.capture
    for earlier in (capture.payload.get("first"), capture.payload.get("last")):
        at = _moment(earlier, capture.received_at)
        if at is not None and not lead.touches.filter(at=at).exists():
            words = _words(earlier)
            touches.record(lead, at=at, channel="page", campaign=campaign_called(words), **words)
    words = _words(capture.payload.get("touch"))
    touches.record(
        lead,
        at=capture.received_at,
        channel=capture.channel,
        campaign=facts.campaign or campaign_called(words),
        form=capture.form,
        capture=capture,
        **words,
    )


def _moment(touch: Any, before: datetime) -> datetime | None:
    """When an earlier touch was; None for one that is no earlier one."""
    if not isinstance(touch, dict):
        return None
    try:
        at = datetime.fromtimestamp(int(touch.get("at", 0)), tz=timezone.get_current_timezone())
    except (TypeError, ValueError, OverflowError, OSError):
        return None
    return at if before - timedelta(days=400) < at < before else None


def _words(touch: Any) -> dict[str, str]:
    """Parameters of an address as a touch has them."""
    if not isinstance(touch, dict):
        return {}
    named = {ours: touch[theirs] for theirs, ours in _UTM.items() if touch.get(theirs)}
    same = {name: touch[name] for name in ("utm_campaign", "referrer", "page") if touch.get(name)}
    return named | same


def campaign_called(words: Mapping[str, str]) -> Campaign | None:
    """Our campaign of the name that a link gives."""
    name = words.get("utm_campaign", "")
    return Campaign.objects.filter(name__iexact=name).first() if name else None

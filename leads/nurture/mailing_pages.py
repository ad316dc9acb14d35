"""Pages of mailings: to whom it would go and to whom not and why, how it looks, a trial, and how it went."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import formats
from core.lifecycle import Reason, Refused
from core.pages import ActPage, Column, FormPage, HandoverPage, ListPage, Page, Panel
from core.pages.base import reasons_of
from core.pages.details import Attribute
from leads.models import Mailing
from leads.nurture import audience, figures, mailings, scheduling
from leads.nurture.audience_pages import AudienceDetail
from leads.nurture.filters import MailingFilter
from leads.nurture.forms import MailingForm, ScheduleForm
from parties.models import Language

#: Mails of a mailing that its page shows.
_SHOWN = 50


class MailingList(ListPage):
    model = Mailing
    columns = (
        Column("name", link=True),
        Column("state"),
        Column("segment", hide_on_phone=True),
        Column("purpose", hide_on_phone=True),
        Column("campaign", link="campaign", hide_on_phone=True),
        Column("scheduled_for"),
        Column("started_at", hide_on_phone=True),
    )
    filterset = MailingFilter
    search_fields = ("name", "segment__name")
    views = ((gettext_lazy("Scheduled mailings"), "state=scheduled&sort=scheduled_for"),)
    empty_text = gettext_lazy("Write one mail to a segment: an invitation, a piece of news.")


class MailingDetail(AudienceDetail):
    model = Mailing
    template_name = "leads/nurture/mailing_detail.html"
    panels = (
        Panel(
            gettext_lazy("This mailing"),
            ("segment", "template", "campaign", "purpose", "measuring", "scheduled_for", "started_at", "ended_at"),
            icon="mail-forward",
        ),
    )

    def context(self, record: Mailing) -> dict[str, Any]:
        found = super().context(record) | {"may_change": self.may("change")}
        if record.scheduled_for and record.state == Mailing.State.SCHEDULED:
            found["scheduled"] = scheduling.said(record)
        if record.state not in (Mailing.State.DRAFT, Mailing.State.SCHEDULED):
            counted = figures.of_mailing(record)
            found["figures"].append(Attribute(_("Posted"), formats.number(counted.sent)))
            judgement = audience.Judgement(left_out=record.left_out)
            sends = record.sends.select_related("delivery")[:_SHOWN]
            return found | {"counted": counted, "left_out": judgement.reasons, "sends": sends}
        try:
            language = self.request.GET.get("language", "")
            letter = mailings.preview(record, self.request.user, language if language in Language.values else "")
        except Refused as refusal:
            return found | {"problem": str(refusal)}
        return found | {"letter": letter, "is_ahead": True}

    def audience(self, record: Mailing) -> dict[str, Any]:
        """While it has not gone out: who would get it now."""
        try:
            judgement = audience.judge(audience.rows_of(record.segment, self.request.user), record.purpose)
        except Refused as refusal:
            return {"problem": str(refusal)}
        return {"judgement": judgement, "left_out": judgement.reasons}


class MailingCreate(FormPage):
    model = Mailing
    form_class = MailingForm


class MailingEdit(FormPage):
    model = Mailing
    form_class = MailingForm


class MailingAct(ActPage):
    model = Mailing


class SendMailing(HandoverPage):
    """The last question: how many get it."""

    source = Mailing
    title = gettext_lazy("Send the mailing")
    label = gettext_lazy("Send")
    service: Any = staticmethod(mailings.start)
    source_argument = "mailing"
    permission = mailings.SEND
    intro_template = "leads/nurture/send_intro.html"

    def reasons(self, source: Mailing) -> list[Reason]:
        found = super().reasons(source)
        try:
            self.judgement = audience.judge(audience.rows_of(source.segment, self.request.user), source.purpose)
        except Refused as refusal:
            return [*found, *reasons_of(refusal)]
        if not found and not self.judgement.ready:
            return [Reason(_("Nobody of this segment may be written to for this purpose."))]
        return found

    def success_message(self, made: Mailing) -> str:
        return _("The mailing is on its way.")


class ScheduleMailing(SendMailing):
    """On which day, at which hour."""

    title = gettext_lazy("Schedule the mailing")
    label = gettext_lazy("Schedule")
    form_class = ScheduleForm
    service = staticmethod(scheduling.schedule)

    def initial(self, source: Mailing) -> dict[str, Any]:
        at = scheduling.offered()
        return {"on": at.date(), "hour": at.hour}

    def success_message(self, made: Mailing) -> str:
        return scheduling.said(made)


class SendTrial(Page):
    """Mails it to oneself (POST only)."""

    model = Mailing
    permission = "change"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        mailing = self.record()
        try:
            delivery = mailings.send_trial(mailing=mailing, by=request.user)
        except Refused as refusal:
            messages.warning(request, str(refusal))
            return self.go(mailing.get_absolute_url())
        words = _("The trial is on its way to %(to)s.") % {"to": ", ".join(delivery.payload["to"])}
        return self.go(mailing.get_absolute_url(), words)

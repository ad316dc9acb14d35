"""The card on a lead's page: each answer is changed where it stands; without a script, on a page of its own."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from core.lifecycle import Refused
from core.pages import FormPage
from core.pages.details import attribute
from leads import likeness, qualifying, services
from leads.models import Lead
from leads.qualify_forms import form_for
from parties import vies

PART = "leads/parts/qualify.html"


def card(record: Lead, user: Any) -> dict[str, Any]:
    """What the card shows. `asks` is whether this user may answer."""
    asks = record.is_open and user.has_perm("leads.change_lead")
    found = qualifying.answers(record)
    return {
        "record": record,
        "answers": [(answer, attribute(record, answer.name).value) for answer in found],
        "answered": sum(answer.known for answer in found),
        "identity": [attribute(record, name) for name in qualifying.IDENTITY if getattr(record, name)],
        "gaps": list(qualifying.gaps(record)) if record.is_open else [],
        "asks": asks,
        "may_ask_vies": asks and vies.is_on() and bool(record.vat_number),
        "matches": services.companies_like_lead(record) if record.is_open else [],
    }


class AnswerPage(FormPage):
    """One answer, or the company's data together."""

    model = Lead
    title = _("Qualify")

    @property
    def name(self) -> str:
        found: str = self.kwargs["name"]
        if found not in (*qualifying.QUESTIONS, "identity"):
            raise Http404
        return found

    @property
    def in_card(self) -> bool:
        return self.request.headers.get("HX-Target") == "qualify"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.form_class = form_for(self.name)
        return super().dispatch(request, *args, **kwargs)

    def save_form(self, form: Any, *, new: bool) -> Any:
        lead = super().save_form(form, new=new)
        services.lead_changed(lead)
        return lead

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().post(request, *args, **kwargs)
        return self.closed() if self.in_card and answer.status_code == 204 else answer

    def closed(self) -> HttpResponse:
        """The card again, with who else it may be: a number that was typed just now may be somebody's."""
        lead = self.record()
        known = {name: getattr(lead, name) for name in likeness.WHO}
        twins = likeness.similar_leads(self.request.user, exclude=lead.pk, by_name=False, **known)
        return self.fragment(card(lead, self.request.user) | {"others": [twin.record for twin in twins]})

    def answer(self, form: Any, lines: Any, reasons: Any = None, *, status: int = 200) -> HttpResponse:
        if not self.in_card:
            return super().answer(form, lines, reasons, status=status)
        lead = self.record()
        version = self.request.POST.get("_version") or lead.updated_at.isoformat()
        shown = {"open": self.name, "form": form, "reasons": reasons or [], "version": version}
        return self.fragment(card(lead, self.request.user) | shown, status=status)

    def fragment(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        self.template_name = PART
        return self.show(context, status=status)


class AskVies(AnswerPage):
    """POST only: what the register says fills the empty fields of the form, and somebody looks before it is saved."""

    http_method_names = ("post",)
    name = "identity"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        lead = self.record()
        reasons = self.refusals(lead)
        found: dict[str, Any] = {}
        if not reasons:
            try:
                found = vars(vies.ask(lead.vat_number))
            except Refused as refused:
                reasons = refused.reasons
        initial = {name: value for name, value in found.items() if value and not getattr(lead, name)}
        form = self.form_class(instance=lead, initial=initial, user=request.user, record=lead)
        return self.answer(form, None, reasons, status=409 if reasons else 200)

"""Writing an e-mail on a record's page."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from activities import subjects
from activities.mail import sending
from activities.mail.forms import WriteForm
from activities.models import Email, MailTemplate
from core import letters
from core.lifecycle import Reason, Refused
from core.pages import Page
from core.pages.base import add_errors, make_form, reasons_of
from parties.models import Language


class WriteEmail(Page):
    """Choose a template, change the text, look at it, send it. `?answers=` begins an answer, `?all=1` one to everybody."""

    model = Email
    permission = "add"
    template_name = "activities/mail/write.html"
    title = gettext_lazy("New e-mail")

    @cached_property
    def subject(self) -> Any:
        found = subjects.subject_of(self.request.user, self.kwargs["app"], self.kwargs["model"], self.kwargs["subject"])
        if letters.letters_of(type(found)) is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        draft = self.draft()
        part = "letter" if request.headers.get("HX-Target") == "letter" else ""
        return self.ask(self.form(draft), empty=draft.empty, part=part)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = make_form(WriteForm, request, record=self.subject)
        if request.POST.get("act") == "look":
            return self.ask(form, look=True, part="preview" if request.headers.get("HX-Request") else "")
        if not form.is_valid():
            return self.ask(form, status=422)
        facts = dict(form.cleaned_data)
        files = facts.pop("uploads")
        try:
            email = sending.send_email(
                subject=self.subject, by=request.user, files=files, answers=self.answered, **facts
            )
        except ValidationError as error:
            add_errors(form, error)
            return self.ask(form, reasons=reasons_of(error), status=422)
        except Refused as error:
            return self.ask(form, reasons=reasons_of(error), status=409)
        message = _("The e-mail to %(to)s is on its way.") % {"to": ", ".join(email.to)}
        return self.go(f"{self.subject.get_absolute_url()}#timeline", message)

    # --- Parts -------------------------------------------------------------------------------------------------------

    def chosen(self, rows: Any, name: str) -> Any:
        """The row that a parameter of the address names, None without one; 404 for one that is not among the rows."""
        value = self.request.GET.get(name, "")
        return self.fetch(rows, int(value)) if value.isascii() and value.isdigit() and len(value) < 19 else None

    @cached_property
    def answered(self) -> Email | None:
        """The e-mail that is answered, seen through the user."""
        found: Email | None = self.chosen(Email.objects.about(self.subject).open_to(self.request.user), "answers")
        return found

    def draft(self) -> sending.Draft:
        by: Any = self.request.user
        asked = self.request.GET
        language = asked.get("language", "")
        addresses = [address.strip() for address in asked.get("to", "").split(",")]
        return sending.draft(
            subject=self.subject,
            by=by,
            template=self.chosen(MailTemplate.objects.fitting(self.subject), "template"),
            language=language if language in Language.values else "",
            to=addresses[: sending.MOST_ADDRESSES],
            answers=self.answered,
            everybody=asked.get("all") == "1",
        )

    def form(self, draft: sending.Draft) -> WriteForm:
        initial = {
            "to": draft.to,
            "cc": draft.cc,
            "title": draft.title,
            "text": draft.text,
            "language": draft.language,
            "template": self.request.GET.get("template", ""),
            "private": self.answered is not None and self.answered.private,
        }
        form: WriteForm = make_form(WriteForm, self.request, record=self.subject, initial=initial)
        return form

    def ask(
        self,
        form: WriteForm,
        *,
        empty: Sequence[str] = (),
        reasons: Sequence[Reason] = (),
        status: int = 200,
        part: str = "",
        look: bool = False,
    ) -> HttpResponse:
        """The page, or a part of it; `look` shows what would be sent, or what is wrong with it."""
        whole = look and form.is_valid()
        context = {
            "form": form,
            "record": self.subject,
            "back": self.subject.get_absolute_url(),
            "fill_url": self.request.get_full_path(),
            "empty": empty,
            "reasons": reasons,
            "look": form.cleaned_data if whole else None,
            "wrong": look and not whole,
        }
        return self.show(context, status=status, part=part)

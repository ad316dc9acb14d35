"""Pages of e-mails that are there, and of the templates."""

from typing import Any

import django_filters
from django.db.models import CharField, F, Func, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from activities import subjects
from activities.mail import filing, reading
from activities.mail.forms import MailTemplateForm
from activities.models import Email, MailTemplate
from core import letters, search
from core.filters import FilterSet
from core.lifecycle import Refused
from core.pages import Column, DetailPage, FormPage, ListPage, Page, Panel
from core.pages.base import named_by, reasons_of
from core.pages.downloads import download
from people.models import User


class EmailFilter(FilterSet):
    direction = django_filters.ChoiceFilter(choices=Email.Direction.choices, label=_("Direction"))
    unfiled = django_filters.BooleanFilter(field_name="subject_type", lookup_expr="isnull", label=_("Without a record"))
    owner = django_filters.ModelChoiceFilter(queryset=User.objects.filter(is_active=True), label=_("Owner"))
    private = django_filters.BooleanFilter(label=_("Private"))
    automatic = django_filters.BooleanFilter(label=_("Automatic"))
    sent_at = django_filters.DateFromToRangeFilter(label=_("Date"))

    class Meta:
        model = Email
        fields: tuple[str, ...] = ()


#: All addresses of a row as one text.
RECIPIENTS = Func(F("to"), Value(", "), function="array_to_string", output_field=CharField())


class EmailList(ListPage):
    """One's own e-mails and those one may see besides; those about a record are on its page too."""

    model = Email
    template_name = "activities/mail/email_list.html"
    columns = (
        Column("title", link=True),
        Column("direction", hide_on_phone=True),
        Column("sender_name", label=pgettext_lazy("address", "From")),
        Column(
            "recipients", kind="text", label=pgettext_lazy("address", "To"), expression=RECIPIENTS, hide_on_phone=True
        ),
        Column("subject", kind="any", label=_("About"), sort=False, hide_on_phone=True),
        Column("owner", kind="person", hide_on_phone=True),
        Column("sent_at", kind="datetime"),
    )
    filterset = EmailFilter
    default_sort = "-sent_at"
    views = (
        (pgettext_lazy("e-mails", "Received"), "direction=in"),
        (pgettext_lazy("e-mails", "Sent"), "direction=out"),
        (_("Without a record"), "unfiled=true"),
        (pgettext_lazy("e-mails", "Mine"), "mine=1"),
    )
    empty_text = _("E-mails are written on the page of a lead, a quote, a customer; answers come back to it.")


class _OneEmail:
    """An e-mail is seen by its people, and by those who see the record it is about, unless it is private."""

    model = Email

    def fetch(self, queryset: Any, pk: int) -> Any:
        user: Any = self.request.user  # type: ignore[attr-defined]
        rows = Email.objects.select_related("owner", "delivery", "subject_type", "template")
        email = rows.filter(pk=pk).first() if pk < 2**63 else None
        if email is None:
            raise Http404
        if Email.objects.visible_to(user).filter(pk=pk).exists():
            return email
        if email.private or subjects.seen_subject(email, user) is None:
            raise Http404
        return email


class EmailDetail(_OneEmail, DetailPage):
    model = Email
    template_name = "activities/mail/email_detail.html"

    def context(self, record: Email) -> dict[str, Any]:
        user: Any = self.request.user
        subject = subjects.seen_subject(record, user)
        words, quoted = reading.split(record.text)
        found = super().context(record) | {"title": record.title or str(record), "subject": subject}
        if subject is not None and letters.letters_of(type(subject)) and user.has_perm("activities.add_email"):
            names = [subject._meta.app_label, subject._meta.model_name, subject.pk]
            found["answer_url"] = f"{reverse('activities:email_about', args=names)}?answers={record.pk}"
        if filing.may_attach(record, user):
            found["attach_url"] = reverse("activities:email_attach", args=[record.pk])
        return found | {
            "words": words,
            "quoted": quoted,
            "files": record.files.defer("content"),
            "many": len(record.to) + len(record.cc) > 1,
            "readers": record.readers.all() if record.private else (),
        }


class EmailFile(_OneEmail, Page):
    """An attachment, for those who see the e-mail; always as a download."""

    model = Email

    def get(self, request: HttpRequest, pk: int, file: int) -> HttpResponse:
        found = self.record().files.filter(pk=file).first() if file < 2**63 else None
        if found is None:
            raise Http404
        return download(found.name, found.read(), mime=found.mime)


class AttachEmail(_OneEmail, Page):
    """Look for the record that an e-mail belongs to, and put it there."""

    model = Email
    template_name = "activities/mail/attach.html"
    title = _("Put on a record")

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.ask(self.mine())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        email = self.mine()
        subject = self.chosen()
        try:
            filing.attach(email=email, subject=subject, by=request.user)
        except Refused as error:
            return self.ask(email, reasons=reasons_of(error), status=409)
        message = gettext("The e-mail is on the page of %(record)s now.") % {"record": subject}
        return self.go(f"{subject.get_absolute_url()}#timeline", message)

    def mine(self) -> Email:
        email: Email = self.record()
        if not filing.may_attach(email, self.request.user):
            raise Http404
        return email

    def chosen(self) -> Any:
        """The record whose page's address was chosen, seen through the user."""
        named = named_by(self.request.POST.get("record", ""))
        if named is None:
            raise Http404
        model, pk = named
        return subjects.subject_of(self.request.user, model._meta.app_label, model._meta.model_name, pk)

    def ask(self, email: Email, *, reasons: Any = (), status: int = 200) -> HttpResponse:
        text = self.request.GET.get("q", email.sender if email.is_incoming else "")[:120].strip()
        hits = search.find(text, self.request.user, per_kind=3) if text else []
        context = {
            "record": email,
            "back": email.get_absolute_url(),
            "text": text,
            "hits": [hit for hit in hits if (named := named_by(hit.url)) and letters.letters_of(named[0])],
            "reasons": reasons,
        }
        return self.show(context, status=status)


class MailTemplateList(ListPage):
    model = MailTemplate
    columns = (
        Column("name", link=True),
        Column("title_it"),
        Column("title_en", hide_on_phone=True),
        Column("is_active"),
    )
    default_sort = "name"
    search_fields = ("name", "title_it", "title_en")
    empty_text = _("A template saves writing the same e-mail again: with placeholders, in both languages.")


class MailTemplateDetail(DetailPage):
    model = MailTemplate
    panels = (
        Panel(_("Template"), ("kind", "is_active"), icon="template"),
        Panel(_("Italian"), ("title_it", "text_it")),
        Panel(_("English"), ("title_en", "text_en")),
    )


class _TemplateForm(FormPage):
    """The form, with every placeholder there is, by kind of record."""

    model = MailTemplate
    form_class = MailTemplateForm
    template_name = "activities/mail/template_form.html"
    wide = True

    def answer(self, form: Any, lines: Any, reasons: Any = None, *, status: int = 200) -> HttpResponse:
        self.placeholders = [(gettext("Every kind of record"), list(letters.COMMON.values()))]
        for declared in letters.all_letters():
            name = str(capfirst(declared.model._meta.verbose_name))
            self.placeholders.append((name, list(declared.own.values())))
        return super().answer(form, lines, reasons, status=status)


class MailTemplateCreate(_TemplateForm):
    model = MailTemplate


class MailTemplateEdit(_TemplateForm):
    model = MailTemplate

"""Pages of purposes, and of what people have agreed to."""

from typing import Any

import django_filters
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.filters import FilterSet
from core.models import Consent, Purpose
from core.pages import Column, DetailPage, FormPage, ListPage, Page, Panel
from core.pages.downloads import download
from core.privacy import consent
from core.privacy.forms import GiveForm, PurposeForm, WithdrawForm
from core.privacy.people import PersonAct, address
from core.privacy.registry import is_person
from core.privacy.watching_pages import of_person


class PurposeFilter(FilterSet):
    is_active = django_filters.BooleanFilter(label=gettext_lazy("In use"))

    class Meta:
        model = Purpose
        fields: tuple[str, ...] = ()


class PurposeList(ListPage):
    model = Purpose
    columns = (
        Column("name", link=True),
        Column("code", hide_on_phone=True),
        Column("months"),
        Column("is_active"),
        Column("created_at", kind="date", hide_on_phone=True),
    )
    filterset = PurposeFilter
    search_fields = ("name", "code")
    default_sort = "name"
    empty_text = gettext_lazy("Say what you want to use people's data for, in words they can agree to.")


class PurposeDetail(DetailPage):
    model = Purpose
    template_name = "core/privacy/purpose_detail.html"
    panels = (Panel(gettext_lazy("Purpose"), ("code", "months", "is_active"), icon="shield-check"),)

    def context(self, record: Purpose) -> dict[str, Any]:
        return super().context(record) | {"texts": record.texts.all()[:20]}


class PurposeCreate(FormPage):
    model = Purpose
    form_class = PurposeForm


class PurposeEdit(FormPage):
    model = Purpose
    form_class = PurposeForm


class ConsentFilter(FilterSet):
    purpose = django_filters.ModelChoiceFilter(label=gettext_lazy("Purpose"), queryset=Purpose.objects.all())
    given = django_filters.BooleanFilter(label=gettext_lazy("Given"))
    source = django_filters.MultipleChoiceFilter(label=gettext_lazy("How"), choices=Consent.Source.choices)
    at = django_filters.DateFromToRangeFilter(label=gettext_lazy("Said on"))
    email = django_filters.CharFilter(label=gettext_lazy("E-mail"), lookup_expr="iexact")
    about = django_filters.CharFilter(label=gettext_lazy("Person"), method=of_person)

    class Meta:
        model = Consent
        fields: tuple[str, ...] = ()


class ConsentList(ListPage):
    model = Consent
    title = gettext_lazy("Register of consents")
    columns = (
        Column("subject", kind="any", label=gettext_lazy("Person"), sort=False),
        Column("purpose__name", label=gettext_lazy("Purpose"), link="purpose", sort=False),
        Column("given"),
        Column("at", kind="datetime", label=gettext_lazy("Said on"), url="core:consent_detail"),
        Column("source", hide_on_phone=True),
        Column("email", hide_on_phone=True),
        Column("recorded_name", hide_on_phone=True),
    )
    filterset = ConsentFilter
    search_fields = ("email", "evidence")
    default_sort = "-at"
    views = (
        (gettext_lazy("All"), ""),
        (gettext_lazy("Given"), "given=true"),
        (gettext_lazy("Withdrawn"), "given=false"),
    )
    empty_text = gettext_lazy(
        "Nobody has agreed to anything yet: consents are recorded on the page of a lead or contact."
    )


class ConsentDetail(DetailPage):
    """One yes or no with its proof."""

    model = Consent
    timeline = False
    template_name = "core/privacy/consent_detail.html"
    select_related = ("purpose", "text__purpose")
    panels = (
        Panel(
            gettext_lazy("Consent"),
            (("subject", gettext_lazy("Person")), "purpose", "given", "at", "source", "email"),
            icon="shield-check",
        ),
        Panel(gettext_lazy("Proof"), ("text", "ip", "evidence", "recorded_name", "recorded_at"), icon="certificate"),
    )

    def context(self, record: Consent) -> dict[str, Any]:
        return super().context(record) | {"files": record.files.defer("content")}


class ConsentFile(Page):
    """A file that proves a consent, for those who may see the consent."""

    model = Consent

    def get(self, request: HttpRequest, pk: int, file: int) -> HttpResponse:
        found = self.record().files.filter(pk=file).first()
        if found is None:
            raise Http404
        return download(found.name, found.read())


class GiveConsent(PersonAct):
    permission = consent.ADD
    title: Any = gettext_lazy("Record a consent")
    label: Any = gettext_lazy("Record")
    form_class: Any = GiveForm

    def perform(self, source: Any, facts: dict[str, Any]) -> Any:
        said = self._form.said()
        return consent.give(subject=source, by=self.request.user, **said)

    def form(self, source: Any) -> Any:
        self._form = super().form(source)
        return self._form

    def initial(self, source: Any) -> dict[str, Any]:
        return {"purpose": Purpose.objects.in_use().filter(code=self.request.GET.get("purpose", "")).first()}

    def success_message(self, made: Consent) -> str:
        return _("The consent is recorded: %(purpose)s.") % {"purpose": made.purpose}


class WithdrawConsent(GiveConsent):
    title = gettext_lazy("Withdraw a consent")
    label: Any = gettext_lazy("Withdraw")
    form_class = WithdrawForm
    tone = "danger"

    def purpose(self) -> Purpose:
        found = Purpose.objects.filter(code=self.kwargs["code"]).first()
        if found is None:
            raise Http404
        return found

    def initial(self, source: Any) -> dict[str, Any]:
        self.label = _("Withdraw: %(purpose)s") % {"purpose": self.purpose()}
        return {}

    def perform(self, source: Any, facts: dict[str, Any]) -> Any:
        return consent.withdraw(subject=source, purpose=self.purpose(), by=self.request.user, **self._form.said())

    def success_message(self, made: Consent) -> str:
        return _("The withdrawal is recorded: %(purpose)s.") % {"purpose": made.purpose}


def page_extra(record: Any, request: HttpRequest) -> dict[str, Any]:
    """What the page of a person shows of their consents."""
    user = request.user
    if not is_person(record) or not user.has_perm("core.view_consent"):
        return {}
    found = {
        "person_data_url": address("data", record) if user.has_perm("core.export_person") else "",
        "person_erase_url": address("erase", record) if user.has_perm("core.erase_person") else "",
    }
    may_add = user.has_perm(consent.ADD)
    rows = [
        (each, address("withdraw", record, code=each.purpose.code) if may_add and each.is_valid else "")
        for each in consent.standing(record)
    ]
    about = f"{reverse('core:consent_list')}?about={record._meta.label_lower}-{record.pk}"
    return found | {
        "consents": rows,
        "consents_url": about,
        "consent_url": address("consent", record) if may_add else "",
        "has_side": True,
    }

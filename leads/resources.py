"""Import and export of leads, in any state: those of another system may be closed already."""

from typing import Any

from import_export.fields import Field

from core import copying
from core.imports import (
    AmountWidget,
    AttributesWidget,
    ChoiceWidget,
    CountryWidget,
    DayWidget,
    LookupWidget,
    MomentWidget,
    RecordResource,
    TextWidget,
)
from leads import touches
from leads.models import Campaign, Lead, Touch
from leads.models.reasons import OTHER
from parties.matching import country_of
from parties.resources import CodeWidget, VatNumberWidget, owner_field

_CLOSED = (Lead.State.CONVERTED, Lead.State.LOST)


class LeadResource(RecordResource):
    """Leads. What has no field of its own goes to `attributes`, where the score can use it."""

    state = Field("state", "state", widget=ChoiceWidget(Lead._meta.get_field("state")))
    created_at = Field("created_at", "created_at", widget=MomentWidget())
    vat_number = Field("vat_number", "vat_number", widget=VatNumberWidget())
    tax_code = Field("tax_code", "tax_code", widget=CodeWidget())
    sdi_code = Field("sdi_code", "sdi_code", widget=CodeWidget())
    country = Field("country", "country", widget=CountryWidget())
    language = Field("language", "language", widget=ChoiceWidget(Lead._meta.get_field("language")))
    campaign = Field("campaign_id", "campaign", widget=LookupWidget(Campaign, ("name",)))
    currency = Field("currency", "currency", widget=TextWidget())
    budget = Field("budget", "budget", widget=AmountWidget(least=0))
    decision_by = Field("decision_by", "decision_by", widget=DayWidget())
    fit = Field("fit", "fit", widget=ChoiceWidget(Lead._meta.get_field("fit")))
    lost_reason = Field("lost_reason", "lost_reason", widget=ChoiceWidget(Lead._meta.get_field("lost_reason")))
    attributes = Field("attributes", "attributes", widget=AttributesWidget())
    owner = owner_field()

    class Meta(RecordResource.Meta):
        model = Lead
        fields = (
            "external_key", "state", "created_at", "first_name", "last_name", "company_name", "job_title", "email",
            "phone", "website", "vat_number", "tax_code", "sdi_code", "pec", "street", "postcode", "city", "province",
            "country", "language", "source", "campaign", "interest", "currency", "budget", "need", "authority",
            "decision_by", "fit", "message", "attributes", "lost_reason", "owner",
        )  # fmt: skip

    INSERT_ONLY = ("state", "created_at", "lost_reason")

    def complete(self, instance: Any) -> None:
        instance.country = country_of(instance.vat_number, instance.country)
        if instance.pk is None and instance.state in _CLOSED:
            instance.closed_at = instance.closed_at or instance.created_at
        if instance.pk is None and instance.state == Lead.State.LOST:
            instance.lost_reason = instance.lost_reason or OTHER

    def after_insert(self, rows: list[Any]) -> None:
        copying.insert(touches.of_new_leads(rows, Touch.Channel.IMPORT))

    @classmethod
    def born_with(cls, pks: list[int]) -> Any:
        return Touch.objects.filter(lead__in=pks, channel=Touch.Channel.IMPORT)

"""Who a lead is: what it is called, and what an invoice will need one day."""

from django.db import models
from django.db.models import Value
from django.db.models.functions import Coalesce, Concat, NullIf, Trim
from django.utils.translation import gettext_lazy as _

from parties.validators import validate_sdi_code, validate_tax_code, validate_vat_number


class Identity(models.Model):
    """The company of a lead, as far as it is known: becomes the company's record when the lead is converted."""

    website = models.URLField(_("website"), blank=True)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True, validators=[validate_vat_number])
    tax_code = models.CharField(_("tax code"), max_length=16, blank=True, validators=[validate_tax_code])
    sdi_code = models.CharField(_("SdI code"), max_length=7, blank=True, validators=[validate_sdi_code])
    pec = models.EmailField(_("certified e-mail (PEC)"), blank=True)
    street = models.CharField(_("street and number"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    province = models.CharField(_("province"), max_length=60, blank=True)
    country = models.CharField(_("country"), max_length=60, blank=True, default="IT")

    class Meta:
        abstract = True


def name_column() -> models.GeneratedField:
    """What a lead is called: the company, else the person, else the e-mail address. For lists; `str(lead)` in Python."""
    person = NullIf(Trim(Concat("first_name", Value(" "), "last_name")), Value(""))
    expression = Coalesce(NullIf("company_name", Value("")), person, "email", output_field=models.CharField())
    return models.GeneratedField(
        verbose_name=_("name"), expression=expression, output_field=models.CharField(max_length=254), db_persist=True
    )

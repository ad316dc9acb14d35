"""Companies and contacts: customers, prospects and suppliers in one place."""

from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from djmoney.money import Money

from core import countries
from core.access import RecordQuerySet
from core.fulltext import phone_index, search_index, word_index
from core.history import tracked
from core.models import Record
from parties.validators import validate_sdi_code, validate_tax_code, validate_vat_number


class Language(models.TextChoices):
    ITALIAN = "it", _("Italian")
    ENGLISH = "en", _("English")


class Address(models.Model):
    """A postal address. `country` is ISO 3166-1 alpha-2; `province` the two letters of an Italian one."""

    street = models.CharField(_("street and number"), max_length=200, blank=True)
    postcode = models.CharField(_("postcode"), max_length=12, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    province = models.CharField(_("province"), max_length=60, blank=True)
    country = models.CharField(_("country"), max_length=2, default="IT")

    class Meta:
        abstract = True

    @property
    def country_name(self) -> str:
        """The country in the reader's language."""
        return countries.name(self.country)

    @property
    def address_lines(self) -> list[str]:
        """The address as written on an envelope."""
        town = " ".join(
            part for part in (self.postcode, self.city, f"({self.province})" if self.province else "") if part
        )
        return [line for line in (self.street, town, self.country if self.country != "IT" else "") if line]


class CompanyQuerySet(RecordQuerySet):
    def customers(self) -> Self:
        return self.filter(is_customer=True)

    def suppliers(self) -> Self:
        return self.filter(is_supplier=True)


@tracked()
class Company(Address, Record):
    """An organisation we sell to, hope to sell to, or buy from."""

    ICON = "building"
    MERGEABLE = True

    name = models.CharField(_("name"), max_length=200)
    vat_number = models.CharField(_("VAT number"), max_length=20, blank=True, validators=[validate_vat_number])
    tax_code = models.CharField(_("tax code"), max_length=16, blank=True, validators=[validate_tax_code])
    sdi_code = models.CharField(_("SdI code"), max_length=7, blank=True, validators=[validate_sdi_code])
    pec = models.EmailField(_("certified e-mail (PEC)"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    website = models.URLField(_("website"), blank=True)
    sector = models.CharField(_("sector"), max_length=80, blank=True)
    employees = models.PositiveIntegerField(_("employees"), null=True, blank=True)
    annual_revenue = models.DecimalField(
        _("annual revenue"), max_digits=15, decimal_places=2, null=True, blank=True, help_text=_("In EUR.")
    )
    founded = models.PositiveSmallIntegerField(
        _("founded in"), null=True, blank=True, validators=[MaxValueValidator(2100)]
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="subsidiaries",
        verbose_name=_("parent company"),
    )
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ITALIAN)
    payment_days = models.PositiveSmallIntegerField(
        _("payment terms in days"), default=30, validators=[MaxValueValidator(365)]
    )
    is_customer = models.BooleanField(_("customer"), default=False)
    is_supplier = models.BooleanField(_("supplier"), default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    notes = models.TextField(_("notes"), blank=True, max_length=5000)
    external_key = models.CharField(_("key in another system"), max_length=120, blank=True)
    search = search_index("name", "vat_number", "tax_code", "email", "phone", "city")

    objects = CompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ("name",)
        indexes = [
            models.Index(fields=["name", "id"], name="company_list_by_name"),
            models.Index(fields=["owner", "name"], name="company_of_owner"),
            models.Index(fields=["name"], name="company_that_supplies", condition=Q(is_supplier=True)),
            models.Index(fields=["vat_number"], name="company_by_vat_number", condition=~Q(vat_number="")),
            word_index(name="company_search"),
            phone_index("phone", name="company_by_phone"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_key"], condition=~Q(external_key=""), name="company_external_key_is_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def founded_year(self) -> str:
        """A year has no thousands."""
        return str(self.founded or "")

    @property
    def revenue(self) -> Money | None:
        return None if self.annual_revenue is None else Money(self.annual_revenue, "EUR")

    @property
    def billing_gaps(self) -> list[Any]:
        """What is missing before this company can be sent an Italian invoice; empty when nothing is."""
        gaps: list[Any] = []
        if not (self.vat_number or self.tax_code):
            gaps.append(_("VAT number or tax code"))
        gaps += [label for value, label in ((self.street, _("street")), (self.city, _("city"))) if not value]
        return gaps


class ContactQuerySet(RecordQuerySet):
    owner_paths = ("owner", "company__owner")


@tracked()
class Contact(Record):
    """A person, usually at a company."""

    ICON = "user"
    MERGEABLE = True

    first_name = models.CharField(_("first name"), max_length=80, blank=True)
    last_name = models.CharField(_("last name"), max_length=80)
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, null=True, blank=True, related_name="contacts", verbose_name=_("company")
    )
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    mobile = models.CharField(_("mobile"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ITALIAN)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    external_key = models.CharField(_("key in another system"), max_length=120, blank=True)
    search = search_index("first_name", "last_name", "email", "phone", "mobile")

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("last_name", "first_name")
        indexes = [
            models.Index(fields=["last_name", "id"], name="contact_list_by_name"),
            word_index(name="contact_search"),
            phone_index("phone", name="contact_by_phone"),
            phone_index("mobile", name="contact_by_mobile"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["external_key"], condition=~Q(external_key=""), name="contact_external_key_is_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class CustomerSnapshot(Address):
    """The customer as they were when the document was made: documents never follow later changes."""

    customer_name = models.CharField(_("customer"), max_length=200)
    customer_vat_number = models.CharField(_("VAT number"), max_length=20, blank=True)
    customer_tax_code = models.CharField(_("tax code"), max_length=16, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ITALIAN)

    class Meta:
        abstract = True

    #: What a hand-over copies from the document before it.
    CUSTOMER = (
        "street",
        "postcode",
        "city",
        "province",
        "country",
        "customer_name",
        "customer_vat_number",
        "customer_tax_code",
        "language",
    )

    def customer_snapshot(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.CUSTOMER}

    @staticmethod
    def snapshot_of(company: Company) -> dict[str, Any]:
        """A company's present data, as a document keeps them."""
        address = {
            name: getattr(company, name) for name in ("street", "postcode", "city", "province", "country", "language")
        }
        return address | {
            "customer_name": company.name,
            "customer_vat_number": company.vat_number,
            "customer_tax_code": company.tax_code,
        }

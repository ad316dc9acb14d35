"""Web forms: what people are asked, in which words, and what they are told afterwards."""

import secrets
from typing import Any
from urllib.parse import urlsplit

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core.access import UnownedQuerySet
from core.history import tracked
from core.models import Purpose, Record
from leads.models.campaigns import Campaign
from parties.models import Language

#: Fields of a lead that a form may ask for; custom fields of leads come on top.
ASKABLE = (
    "first_name", "last_name", "company_name", "job_title", "email", "phone", "website", "vat_number", "city", "province",
    "interest", "need", "message",
)  # fmt: skip
#: How somebody can be answered: a form that asks for none of these is of no use.
REACH = ("email", "phone")


def new_token() -> str:
    return secrets.token_urlsafe(9)


def new_secret() -> str:
    return secrets.token_hex(32)


class WebFormQuerySet(UnownedQuerySet):
    """Forms are everybody's who may see them."""


@tracked(exclude=["secret"])
class WebForm(Record):
    """A form that people fill in without an account, and the door for programs that send what others have filled in.

    `fields` are [{"name", "required", "label"}] in their order; a custom field's name begins with "cf_".
    """

    ICON = "forms"
    OWN_FIELDS = False
    INTERNAL_FIELDS = ("token", "secret")

    name = models.CharField(
        _("name"), max_length=120, unique=True, help_text=_("For colleagues; visitors do not see it.")
    )
    token = models.SlugField(max_length=32, unique=True, editable=False, default=new_token)
    secret = models.CharField(max_length=64, editable=False, default=new_secret)
    campaign = models.ForeignKey(
        Campaign,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="webforms",
        verbose_name=_("campaign"),
    )
    source = models.CharField(
        _("source"), max_length=80, blank=True, help_text=_("Written on every lead of this form.")
    )
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ITALIAN)
    title = models.CharField(pgettext_lazy("of a form", "title"), max_length=120)
    introduction = models.TextField(_("introduction"), max_length=2000, blank=True)
    button = models.CharField(_("words on the button"), max_length=40, blank=True)
    fields = models.JSONField(_("fields"), default=list, blank=True)
    purposes = models.ManyToManyField(
        Purpose,
        blank=True,
        related_name="webforms",
        verbose_name=_("consents asked"),
        help_text=_("Each is a tick of its own, never ticked beforehand, with the words that are in force."),
    )
    notice_url = models.URLField(_("privacy notice"), blank=True, help_text=_("Address of the page that explains it."))
    double_opt_in = models.BooleanField(
        _("confirm consents by e-mail"),
        default=True,
        help_text=_("A consent counts only once its owner has followed the link in a message to their address."),
    )
    thanks = models.TextField(_("thank-you text"), max_length=2000, blank=True)
    thanks_url = models.URLField(_("thank-you page"), blank=True, help_text=_("Visitors are sent there instead."))
    sites = ArrayField(
        models.CharField(max_length=200),
        verbose_name=_("sites that may show it in a frame"),
        default=list,
        blank=True,
    )
    external_id = models.CharField(
        _("form at Meta or LinkedIn"), max_length=60, blank=True, help_text=_("The number of the lead form there.")
    )
    active = models.BooleanField(_("active"), default=True)

    objects = WebFormQuerySet.as_manager()

    class Meta:
        verbose_name = _("web form")
        verbose_name_plural = _("web forms")
        ordering = ("name",)
        default_permissions = ("view", "add", "change")
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"], condition=~models.Q(external_id=""), name="webform_external_id_is_unique"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        names = [str(field.get("name", "")) for field in self.fields]
        errors: dict[str, Any] = {}
        if not any(field.get("name") in REACH and field.get("required") for field in self.fields):
            errors["fields"] = gettext("Ask for the e-mail address or the phone number, and require it.")
        elif len(names) != len(set(names)):
            errors["fields"] = gettext("A field is asked for once.")
        if wrong := [site for site in self.sites if site != origin_of(site)]:
            errors["sites"] = gettext("These are no sites: %(names)s. Write https://www.example.com") % {
                "names": ", ".join(wrong[:3])
            }
        if errors:
            raise ValidationError(errors)

    @property
    def public_url(self) -> str:
        return reverse("leads:public_form", args=[self.token])

    @property
    def endpoint_url(self) -> str:
        return reverse("leads:capture_endpoint", args=[self.token])


def origin_of(address: str) -> str:
    """The origin ("https://www.example.com:8443") of an address; "" where it has none that a browser would know."""
    try:
        parts = urlsplit(address.strip())
        port = f":{parts.port}" if parts.port else ""
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError:
        return ""
    known = parts.scheme in ("http", "https") and host and all(c.isalnum() or c in ".-" for c in host)
    return f"{parts.scheme}://{host}{port}" if known else ""

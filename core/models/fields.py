"""What administrators add without code: fields of their own on any kind of record, and tags."""

from typing import Self

from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access import UnownedQuerySet
from core.history import tracked
from core.models.records import Record

#: Longest text, most digits: what JSON gives back exactly as it was written.
LONGEST_TEXT = 2000
MOST_DIGITS = 15


class CustomFieldQuerySet(UnownedQuerySet):
    def of(self, model: type[models.Model]) -> Self:
        """The fields of one kind of record."""
        return self.filter(model=ContentType.objects.get_for_model(model))


@tracked()
class CustomField(Record):
    """A field that an administrator has defined for a kind of record; its values stand in the records' `custom`."""

    ICON = "forms"
    OWN_FIELDS = False

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("Choice")
        BOOL = "bool", _("Yes or no")

    model = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+", verbose_name=_("kind of record"))
    name = models.CharField(
        _("name"),
        max_length=40,
        validators=[RegexValidator(r"^[a-z](_?[a-z0-9])*\Z", _("Small letters, digits and _ only; a letter first."))],
        help_text=_("For imports and programs; it never changes. Left empty, it is made from the label."),
        blank=True,
    )
    label = models.CharField(_("label"), max_length=80)
    kind = models.CharField(pgettext_lazy("of a field", "kind"), max_length=10, choices=Kind.choices)
    choices = ArrayField(models.CharField(max_length=120), verbose_name=_("choices"), default=list, blank=True)
    help_text = models.CharField(_("help"), max_length=200, blank=True)
    required = models.BooleanField(_("required"), default=False)
    in_list = models.BooleanField(_("shown in lists"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    active = models.BooleanField(_("active"), default=True)

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        ordering = ("model", "position", "pk")
        default_permissions = ("add", "change", "view")
        constraints = [models.UniqueConstraint(fields=["model", "name"], name="one_field_of_a_name_per_kind")]

    def __str__(self) -> str:
        return self.label


@tracked()
class Tag(Record):
    """A label that people put on records of any kind."""

    ICON = "tag"
    OWN_FIELDS = False

    class Colour(models.TextChoices):
        BLUE = "blue", _("Blue")
        GREEN = "green", _("Green")
        YELLOW = "yellow", _("Yellow")
        ORANGE = "orange", _("Orange")
        RED = "red", _("Red")
        PURPLE = "purple", _("Purple")
        GREY = "secondary", _("Grey")

    name = models.CharField(_("name"), max_length=40, unique=True)
    colour = models.CharField(_("colour"), max_length=10, choices=Colour.choices, default=Colour.BLUE)

    objects = UnownedQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ("name",)
        default_permissions = ("add", "change", "view", "delete")

    def __str__(self) -> str:
        return self.name

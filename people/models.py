"""Users, teams and employees; pay is for HR's eyes only."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.contrib.auth.models import AbstractUser
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import formats
from core.access import RecordQuerySet
from core.history import tracked
from core.models import Record


class Team(models.Model):
    """People whose records a manager sees together."""

    name = models.CharField(_("name"), max_length=80, unique=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """Somebody with an account. Rights come from groups (roles) only, so that each can be explained by a role."""

    class Language(models.TextChoices):
        ITALIAN = "it", _("Italian")
        ENGLISH = "en", _("English")

    class Theme(models.TextChoices):
        AUTO = "auto", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    team = models.ForeignKey(
        Team, on_delete=models.PROTECT, null=True, blank=True, related_name="members", verbose_name=_("team")
    )
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ITALIAN)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme.choices, default=Theme.AUTO)
    dense = models.BooleanField(_("dense layout"), default=False)
    phone = models.CharField(_("phone"), max_length=40, blank=True)

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")  # type: ignore[assignment]
        verbose_name_plural = _("users")  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class EmployeeQuerySet(RecordQuerySet):
    owner_paths = ("user",)

    def working_on(self, day: date) -> Self:
        """Employed on that day."""
        return self.filter(Q(left_on=None) | Q(left_on__gte=day), hired_on__lte=day)


@tracked()
class Employee(Record):
    """Somebody who works here, with or without an account."""

    ICON = "id-badge"

    user = models.OneToOneField(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="employee", verbose_name=_("user")
    )
    first_name = models.CharField(_("first name"), max_length=80)
    last_name = models.CharField(_("last name"), max_length=80)
    job_title = models.CharField(_("job title"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    hired_on = models.DateField(_("hired on"), default=date.today)
    left_on = models.DateField(_("left on"), null=True, blank=True)
    weekly_hours = models.DecimalField(_("hours a week"), max_digits=4, decimal_places=1, default=Decimal(40))

    objects = EmployeeQuerySet.as_manager()

    class Meta:
        verbose_name = _("employee")
        verbose_name_plural = _("employees")
        ordering = ("last_name", "first_name")
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("hired_on")), name="employee_leaves_after_hiring"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"

    def cost_rate_on(self, day: date) -> Decimal:
        """Cost of one hour on that day in EUR; zero where HR has entered none."""
        rate = self.cost_rates.filter(starts_on__lte=day).order_by("-starts_on").first()
        return rate.hourly_cost if rate else Decimal(0)


@tracked()
class CostRate(models.Model):
    """What an hour of an employee costs from a day on, in EUR."""

    employee = models.ForeignKey(
        Employee, on_delete=models.CASCADE, related_name="cost_rates", verbose_name=_("employee")
    )
    starts_on = models.DateField(pgettext_lazy("date", "from"))
    hourly_cost = models.DecimalField(
        _("cost per hour"), max_digits=8, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )

    class Meta:
        verbose_name = _("cost rate")
        verbose_name_plural = _("cost rates")
        ordering = ("employee", "-starts_on")
        constraints = [models.UniqueConstraint(fields=["employee", "starts_on"], name="one_cost_rate_per_day")]

    def __str__(self) -> str:
        return f"{self.employee} {self.starts_on}"


@tracked()
class Leave(models.Model):
    """Days somebody is away."""

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", _("Holiday")
        SICK = "sick", _("Sick leave")
        OTHER = "other", _("Other leave")

    employee = models.ForeignKey(Employee, on_delete=models.CASCADE, related_name="leaves", verbose_name=_("employee"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.HOLIDAY)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))

    class Meta:
        verbose_name = _("leave")
        verbose_name_plural = _("leaves")
        ordering = ("-starts_on",)
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="leave_ends_after_it_starts")
        ]

    def __str__(self) -> str:
        return f"{self.employee}: {self.span}"

    @property
    def span(self) -> str:
        return f"{formats.date(self.starts_on)} – {formats.date(self.ends_on)}"

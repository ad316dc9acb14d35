"""Users, teams and employees; pay is for HR's eyes only."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Self

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import formats
from core.access import RecordQuerySet, UnownedQuerySet
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


def _hours(label: Any, default: int) -> Any:
    return models.DecimalField(
        label,
        max_digits=3,
        decimal_places=1,
        default=Decimal(default),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(24))],
    )


def _countries() -> Any:
    """Letters of a country -> letters of its provinces with holidays of their own."""
    import holidays  # 16 MB with its first country, which only those carry who look into a calendar

    return holidays.list_supported_countries()


@tracked()
class WorkingCalendar(Record):
    """When people work: hours per weekday, less the public holidays of a country and province, its patron saint's too.

    A day begins at `starts_at` and lasts its hours; the break is no working time.
    """

    ICON = "calendar-time"
    OWN_FIELDS = False
    WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

    name = models.CharField(_("name"), max_length=80, unique=True)
    country = models.CharField(_("country"), max_length=2, default="IT")
    province = models.CharField(_("province"), max_length=10, blank=True)
    starts_at = models.TimeField(_("the day begins at"), default=time(9))
    break_starts_at = models.TimeField(_("break from"), null=True, blank=True, default=time(13))
    break_ends_at = models.TimeField(_("break until"), null=True, blank=True, default=time(14))
    monday = _hours(_("Monday"), 8)
    tuesday = _hours(_("Tuesday"), 8)
    wednesday = _hours(_("Wednesday"), 8)
    thursday = _hours(_("Thursday"), 8)
    friday = _hours(_("Friday"), 8)
    saturday = _hours(_("Saturday"), 0)
    sunday = _hours(_("Sunday"), 0)
    is_default = models.BooleanField(_("for everybody without a calendar of their own"), default=False)

    objects = UnownedQuerySet.as_manager()

    class Meta:
        verbose_name = _("working calendar")
        verbose_name_plural = _("working calendars")
        ordering = ("name",)
        default_permissions = ("view", "add", "change")
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_calendar")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def week(self) -> tuple[Decimal, ...]:
        """Hours of each weekday, Monday first."""
        return tuple(getattr(self, day) for day in self.WEEK)

    @property
    def weekly_hours(self) -> Decimal:
        return sum(self.week, Decimal(0))

    def clean(self) -> None:
        wrong = {name: text for name, text in (("country", self._no_country()), ("break_ends_at", self._bad_break()))
                 if text}  # fmt: skip
        if "country" not in wrong and self.province:
            self.province = self.province.upper()
            if self.province not in _countries()[self.country]:
                wrong["province"] = _("We know no holidays of this province: leave it empty, or give its letters.")
        ends = datetime.combine(date.min, self.starts_at) + timedelta(hours=float(max(self.week))) + self._break()
        if max(self.week) <= 24 and ends > datetime.combine(date.min, time()) + timedelta(days=1):
            wrong["starts_at"] = _("A day of so many hours has to begin earlier: it would go on after midnight.")
        if wrong:
            raise ValidationError(wrong)

    def _no_country(self) -> Any:
        self.country = self.country.upper()
        known = self.country in _countries()
        return None if known else _("We know no holidays of this country: give its two letters, such as IT.")

    def _break(self) -> timedelta:
        if not (self.break_starts_at and self.break_ends_at):
            return timedelta(0)
        return datetime.combine(date.min, self.break_ends_at) - datetime.combine(date.min, self.break_starts_at)

    def _bad_break(self) -> Any:
        if bool(self.break_starts_at) != bool(self.break_ends_at):
            return _("A break has a beginning and an end.")
        if self._break() < timedelta(0) or (self.break_starts_at and self.break_starts_at < self.starts_at):
            return _("The break lies within the day, and ends after it has begun.")
        return None


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
    calendar = models.ForeignKey(
        WorkingCalendar,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="employees",
        verbose_name=_("working calendar"),
    )

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

"""The people of the demo company: users with a role each, teams, employees with cost rates and leave."""

import random
from datetime import date, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from people.models import CostRate, Employee, Leave, Team, User
from zencrm.demo import identifiers
from zencrm.demo.vocabulary import FIRST_NAMES, LAST_NAMES

#: User name, first and last name, role, team, language.
USERS = (
    ("sales", "Sara", "Colombo", "sales", "Vendite Nord", "it"),
    ("sales2", "Marco", "Ferraro", "sales", "Vendite Centro-Sud", "it"),
    ("manager", "Elena", "Marchetti", "manager", "Vendite Nord", "it"),
    ("marketing", "Giorgia", "Riva", "marketing", "Marketing", "it"),
    ("pm", "Davide", "Fontana", "pm", "Commesse", "it"),
    ("buyer", "Paola", "Sanna", "buyer", "Acquisti", "it"),
    ("accountant", "Roberto", "Gatti", "accountant", "Amministrazione", "it"),
    ("care", "Chiara", "Longo", "care", "Assistenza", "it"),
    ("hr", "Anna", "Vitale", "hr", "Personale", "it"),
    ("admin", "Ada", "Bernardi", "admin", "Direzione", "en"),
)
#: Job titles of those with an account, by role.
JOBS = {
    "sales": "Funzionario vendite", "manager": "Direttrice commerciale", "marketing": "Responsabile marketing",
    "pm": "Capocommessa", "buyer": "Responsabile acquisti", "accountant": "Responsabile amministrativo",
    "care": "Assistenza clienti", "hr": "Responsabile del personale",
}  # fmt: skip
#: Job titles of the employees without an account, with their cost per hour in EUR.
WORKERS = (
    ("Progettista", 38), ("Progettista", 36), ("Montatore", 29), ("Montatore", 28), ("Montatore", 30),
    ("Programmatore PLC", 41), ("Tecnico collaudatore", 34), ("Tecnico di assistenza", 31),
)  # fmt: skip


def make_users() -> dict[str, User]:
    """The demo users by user name; those that exist are left as they are."""
    password = make_password(settings.DEMO_PASSWORD)
    found: dict[str, User] = {}
    for username, first, last, role, team, language in USERS:
        user, created = User.objects.get_or_create(
            username=username,
            defaults={
                "first_name": first,
                "last_name": last,
                "email": f"{username}@aquaflux.example",
                "password": password,
                "language": language,
                "team": Team.objects.get_or_create(name=team)[0],
                "is_staff": role in ("manager", "admin"),
                "is_superuser": role == "admin",
            },
        )
        if created:
            user.groups.add(Group.objects.get(name=role))
        found[username] = user
    return found


def make_employees(people: dict[str, User], rng: random.Random, today: date) -> list[Employee]:
    """Everybody on the pay-roll; workers first, since they book the hours."""
    if Employee.objects.exists():
        return list(Employee.objects.filter(user=None))
    workers = [_hire(rng, today, title, cost) for title, cost in WORKERS]
    for username, user in people.items():
        if username != "admin":
            _hire(rng, today, JOBS[username.rstrip("2")], 30 + rng.randint(0, 15), user)
    for worker in workers:
        first = today - timedelta(days=rng.randint(-40, 200))
        Leave.objects.create(employee=worker, starts_on=first, ends_on=first + timedelta(days=rng.randint(1, 12)))
    return workers


def _hire(rng: random.Random, today: date, title: str, cost: int, user: User | None = None) -> Employee:
    first, last = (user.first_name, user.last_name) if user else (rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES))
    hired = today - timedelta(days=rng.randint(800, 4000))
    employee = Employee.objects.create(
        user=user,
        first_name=first,
        last_name=last,
        job_title=title,
        email=user.email if user else "",
        phone=identifiers.mobile(rng),
        hired_on=hired,
    )
    CostRate.objects.create(employee=employee, starts_on=hired, hourly_cost=Decimal(cost))
    raise_on = today - timedelta(days=330)
    CostRate.objects.create(employee=employee, starts_on=raise_on, hourly_cost=Decimal(cost) * Decimal("1.03"))
    return employee

"""Views of lists that the demo company shares: what a role's list starts with."""

from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import models

from core.models import SavedView
from invoicing.models import Invoice
from leads.models import Lead
from quotes.models import Quote

#: List, name, filter and order, columns, roles that start with it. Names as the company writes them: Italian.
VIEWS: tuple[tuple[type[models.Model], str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        Lead,
        "I miei lead caldi",
        "mine=1&hot=true&sort=-score",
        ("name", "state", "score", "budget", "phone", "decision_by"),
        ("sales",),
    ),
    (
        Invoice,
        "Scaduto",
        "show=overdue&sort=due_on",
        ("number", "customer_name", "due_on", "gross", "paid", "state"),
        ("accountant",),
    ),
    (
        Quote,
        "In attesa del cliente",
        "state=sent&sort=valid_until",
        ("number", "customer_name", "title", "valid_until", "gross", "owner"),
        (),
    ),
)


def make_views() -> None:
    """Everybody's views; those that exist are left as they are."""
    for place, (model, name, query, columns, roles) in enumerate(VIEWS):
        view, made = SavedView.objects.get_or_create(
            owner=None,
            model=ContentType.objects.get_for_model(model),
            name=name,
            defaults={"query": query, "columns": list(columns), "shared": True, "position": place},
        )
        if made:
            view.roles.set(Group.objects.filter(name__in=roles))

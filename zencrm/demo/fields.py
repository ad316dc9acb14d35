"""Fields and tags that the demo company has added for itself, and their values. Names as the company writes them: Italian."""

import random
from datetime import date, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from core.fields import indexes
from core.models import CustomField, Tag
from leads.models import Lead
from parties.models import Company
from quotes.models import Quote

#: Kind of record, name, label, kind of field, and what else it has.
FIELDS: tuple[tuple[Any, str, str, str, dict[str, Any]], ...] = (
    (Lead, "macchine", "Macchine installate", "number", {"help_text": "Quante pompe hanno già, di chiunque siano."}),
    (Lead, "sopralluogo", "Sopralluogo il", "date", {}),
    (Lead, "impiego", "Impiego", "choice", {"choices": ["Acqua potabile", "Reflui", "Processo", "Antincendio"]}),
    (Company, "zona", "Zona", "choice", {"choices": ["Nord-Ovest", "Nord-Est", "Centro", "Sud e isole"]}),
    (Company, "accordo", "Accordo quadro", "bool", {}),
    (Company, "manutentore", "Manutentore", "text", {"help_text": "Chi segue oggi gli impianti."}),
    (Quote, "cig", "CIG", "text", {"help_text": "Codice identificativo di gara, per gli enti pubblici."}),
    (Quote, "settimane", "Settimane di consegna", "number", {}),
)
TAGS = (("Fiera 2026", "blue"), ("Referenza", "green"), ("Strategico", "purple"), ("Da richiamare", "orange"))
_SERVANTS = ("Idrotecnica Emiliana", "Pompe Service Sud", "Manutenzioni Rossi", "interno")


def define() -> None:
    """The fields and tags; those that exist are left as they are."""
    for place, (model, name, label, kind, facts) in enumerate(FIELDS):
        of = ContentType.objects.get_for_model(model)
        CustomField.objects.get_or_create(
            model=of, name=name, defaults={"label": label, "kind": kind, "position": place, **facts}
        )
    for name, colour in TAGS:
        Tag.objects.get_or_create(name=name, defaults={"colour": colour})
    transaction.on_commit(indexes.keep_later)


def of_lead(dice: random.Random, created: date) -> dict[str, Any]:
    """Values of a lead: every third has some."""
    if dice.random() > 0.35:
        return {}
    values: dict[str, Any] = {"macchine": dice.randint(1, 60), "impiego": dice.choice(FIELDS[2][4]["choices"])}
    if dice.random() < 0.4:
        values["sopralluogo"] = (created + timedelta(days=dice.randint(3, 40))).isoformat()
    tags = ["Fiera 2026"] if dice.random() < 0.25 else ["Da richiamare"] if dice.random() < 0.2 else []
    return {"custom": values, "tags": tags}


def of_company(dice: random.Random) -> dict[str, Any]:
    """Values of a company: half of them have some."""
    if dice.random() > 0.5:
        return {}
    values: dict[str, Any] = {"zona": dice.choice(FIELDS[3][4]["choices"]), "accordo": dice.random() < 0.3}
    if dice.random() < 0.5:
        values["manutentore"] = dice.choice(_SERVANTS)
    return {"custom": values, "tags": [dice.choice(("Referenza", "Strategico"))] if dice.random() < 0.3 else []}


def of_quote(dice: random.Random) -> dict[str, Any]:
    """Values of a quote: the weeks it takes to deliver, and now and then a public tender."""
    values: dict[str, Any] = {"settimane": dice.choice((2, 4, 6, 8, 12))} if dice.random() < 0.6 else {}
    if dice.random() < 0.1:
        values["cig"] = f"{dice.randint(10**9, 10**10 - 1):X}".zfill(10)
    return {"custom": values}

"""Custom fields for tests: made as an administrator makes them, seen at once in this test's transaction."""

from typing import Any

from django.contrib.contenttypes.models import ContentType

from core.models import CustomField, Tag


def make_field(model: Any, name: str, kind: str = "text", **facts: Any) -> CustomField:
    facts.setdefault("label", name.replace("_", " ").capitalize())
    return CustomField.objects.create(model=ContentType.objects.get_for_model(model), name=name, kind=kind, **facts)


def make_tags(*names: str) -> list[Tag]:
    return [Tag.objects.create(name=name, colour="green") for name in names]

"""Putting tags on records and taking them off: one record, or all that are ticked in a list."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import access, history, outbox
from core.fields.definitions import tags, takes_part
from core.forms import Form
from core.lifecycle import Verb
from core.registry import BulkAct

#: The two acts of lists.
ACTS = ("add_tags", "remove_tags")


class TagsForm(Form):
    """Which tags."""

    tags = forms.MultipleChoiceField(label=gettext_lazy("Tags"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["tags"]
        mine = getattr(self.record, "tags", None) or []
        field.choices = [(name, name) for name in dict.fromkeys([*tags(), *mine])]
        if self.record is not None:
            field.required, field.initial = False, mine


def acts(model: Any) -> list[Verb]:
    """The acts on tags that a list of this kind offers."""
    if not takes_part(model) or not tags():
        return []
    facts: dict[str, Any] = {"sources": (), "targets": (), "event": "", "past": ""}
    facts |= {"form": "core.fields.tagging.TagsForm", "permission": access.permission_name("change", model)}
    return [
        BulkAct("add_tags", label=gettext_lazy("Add tags"), run=add, **facts),
        BulkAct("remove_tags", label=gettext_lazy("Remove tags"), run=remove, **facts),
    ]


def add(record: Any, *, by: access.Actor, tags: Sequence[str]) -> None:
    """Put tags on a record, whatever its state: they are no part of what a document says."""
    _change(record, by, lambda mine: {*mine, *tags})


def remove(record: Any, *, by: access.Actor, tags: Sequence[str]) -> None:
    """Take tags off a record."""
    _change(record, by, lambda mine: mine - {*tags})


def put(record: Any, *, by: access.Actor, tags: Sequence[str]) -> None:
    """Let a record have these tags and no others."""
    _change(record, by, lambda _mine: {*tags})


def _change(record: Any, by: access.Actor, wanted: Callable[[set[str]], set[str]]) -> None:
    if not access.may(by, access.permission_name("change", type(record))):
        raise PermissionDenied(_("You have no right to do this."))
    with transaction.atomic(), history.acting(by):
        row = type(record)._base_manager.select_for_update(of=("self",)).get(pk=record.pk)
        found = sorted(wanted(set(row.tags)))
        if found != sorted(row.tags):
            row.tags = record.tags = found
            row.save(update_fields=["tags", "updated_at"])


def replace(old: str, new: str = "") -> int:
    """Everywhere, a tag is called `new` now, or is gone; returns the number of records. A job: there may be many."""
    count = 0
    for model in filter(takes_part, apps.get_models()):
        rows = model._base_manager.filter(~Q(tags=[]), tags__contains=[old])
        if new:
            count += rows.exclude(tags__contains=[new]).update(tags=_array("replace", old, new))
        count += rows.update(tags=_array("remove", old))
    return count


def _array(act: str, *values: str) -> Func:
    return Func(F("tags"), *map(Value, values), function=f"array_{act}")


def replace_later(old: str, new: str = "") -> None:
    """The same, by a worker."""
    outbox.kick("core.replace_tag", old=old, new=new)

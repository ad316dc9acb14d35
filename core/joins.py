"""Rows of another table that every row has, joined as if they were columns of its own."""

from typing import Any

from django.db import models


class Counterpart(models.ForeignObject):
    """The row of `to` that every row of this model has under its own id, for queries: `Lead.objects.filter(scored__score=1)`.

    Django joins a reverse one-to-one by LEFT JOIN, because the other row might be missing, and then PostgreSQL cannot walk an
    index of the other table. This one never misses (a trigger makes it), so the join is an inner one. `fields` are the columns
    that are the same in both, the id first: `WHERE state = 'new'` here then finds an index that begins with the state there.
    It has no column and no part in migrations. For a record in hand there is the reverse one-to-one.
    """

    #: Nothing that is typed, cleaned or saved.
    generated = True

    def __init__(self, to: str, fields: dict[str, str]) -> None:
        super().__init__(
            to,
            on_delete=models.DO_NOTHING,
            from_fields=list(fields),
            to_fields=list(fields.values()),
            related_name="+",
            editable=False,
        )

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = True, **kwargs: Any) -> None:
        super().contribute_to_class(cls, name, private_only=True, **kwargs)

"""Users from a table: accounts without a password, in teams and roles; an administrator gives out passwords."""

import re
import unicodedata
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.utils.translation import gettext as _
from import_export.fields import Field

from core.imports import RecordResource, TextWidget
from core.imports.mapping import Missing
from people.models import Team, User
from people.roles import ROLES


def username_of(name: str) -> str:
    """ "Mei-Mei Johns" -> "mei-mei.johns"."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9-]+", ".", plain).strip(".")[:150]


class UserResource(RecordResource):
    """Users by user name, or by their full name made into one. `team` is made where it is missing; `role` is one of ours."""

    EXTRA_FIELDS = ("team", "role")
    EVENT = ""

    username = Field("username", "username", widget=TextWidget())
    first_name = Field("first_name", "first_name", widget=TextWidget())
    last_name = Field("last_name", "last_name", widget=TextWidget())

    class Meta(RecordResource.Meta):
        model = User
        import_id_fields = ("username",)
        fields = ("username", "first_name", "last_name", "email", "phone", "language")

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """User names from full names; teams that are not there yet."""
        super().before_import(dataset, **kwargs)
        self.teams = {team.name: team.pk for team in Team.objects.all()}
        self.groups = dict(Group.objects.values_list("name", "pk"))
        if "username" in dataset.headers:
            at = dataset.headers.index("username")
            for number, row in enumerate(dataset):
                if isinstance(row[at], str):
                    dataset[number] = (*row[:at], username_of(row[at]), *row[at + 1 :])

    def import_instance(self, instance: Any, row: dict[str, Any], **kwargs: Any) -> None:
        super().import_instance(instance, row, **kwargs)
        team, role = (row.get(name) if not isinstance(row.get(name), Missing) else "" for name in self.EXTRA_FIELDS)
        if team:
            if team not in self.teams:
                self.teams[team] = Team.objects.create(name=team).pk
            instance.team_id = self.teams[team]
        if role and role not in ROLES:
            raise ValueError(_("“%(role)s” is no role.") % {"role": role})
        instance._import_role = role

    def _values(self, instance: User) -> dict[str, Any]:
        return {**super()._values(instance), "team_id": instance.team_id}

    def complete(self, instance: Any) -> None:
        if instance.pk is None:
            instance.password = make_password(None)
            instance.is_staff = bool(instance._import_role) and ROLES[instance._import_role].in_admin

    def after_insert(self, rows: list[Any]) -> None:
        through = User.groups.through
        through.objects.bulk_create(
            [through(user_id=row.pk, group_id=self.groups[row._import_role]) for row in rows if row._import_role]
        )

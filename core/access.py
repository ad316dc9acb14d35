"""Who may do what: actors, rows seen through a user, and the permissions every record type brings along."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from django.apps import AppConfig
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

SEE_COSTS = "core.see_costs"


@dataclass(frozen=True)
class Job:
    """Our own code acting by itself: a scheduled job, a reaction, an import. It may perform every verb."""

    name: str = "ZenCRM"


@dataclass(frozen=True)
class Customer:
    """Somebody without an account, identified by a private link: only verbs opened to customers are theirs."""

    name: str
    email: str = ""


JOB = Job()
Actor = Any  # User | Job | Customer; the User model stands above core


def user_of(by: Actor) -> Any:
    """The account (a `people.User`) behind an actor, None for jobs and customers."""
    return None if isinstance(by, Job | Customer) else by


def name_of(by: Actor) -> str:
    """The name history keeps, also after the account is gone."""
    if isinstance(by, Job | Customer):
        return by.name
    return by.get_full_name() or by.get_username()


def may(by: Actor, permission: str, *, open_to: Iterable[str] = ()) -> bool:
    """Whether an actor holds a permission; `open_to` names outsiders who need none."""
    if isinstance(by, Job):
        return True
    if isinstance(by, Customer):
        return "customer" in open_to
    return bool(by.has_perm(permission))


def demand(by: Actor, permission: str) -> None:
    """Raise `PermissionDenied` unless the actor holds the permission: the first line of a hand-over function."""
    if not may(by, permission):
        raise PermissionDenied(_("You have no right to do this."))


def can_see_costs(user: Any) -> bool:
    """Costs and margins are given out only to those who may see them, in every channel."""
    return bool(user.has_perm(SEE_COSTS))


def permission_name(action: str, model: type[models.Model]) -> str:
    """`permission_name("accept", Quote)` -> "quotes.accept_quote"."""
    return f"{model._meta.app_label}.{action}_{model._meta.model_name}"


class RecordQuerySet(models.QuerySet[Any]):
    """Rows are fetched through the user: lists, pages, search, export, API and bulk acts all start here."""

    #: Paths to the owning user; a record is "own" when any of them is the user. Empty: rows have no owner.
    owner_paths: tuple[str, ...] = ("owner",)
    #: Rows nobody owns yet are offered to everybody who may see the screen (leads waiting to be taken).
    unowned_for_all: bool = False

    def visible_to(self, user: Any) -> Self:
        """All rows, the team's, or one's own, by the permissions of the user's roles; none without `view_`."""
        if isinstance(user, Job):
            return self
        if not user.is_active or not user.has_perm(permission_name("view", self.model)):
            return self.none()
        if not self.owner_paths or user.has_perm(permission_name("see_all", self.model)):
            return self
        return self.filter(self._mine(user))

    def _mine(self, user: Any) -> Q:
        mine = Q()
        team = user.has_perm(permission_name("see_team", self.model)) and user.team_id
        for path in self.owner_paths:
            mine |= self._owned(path, user)
            if team:
                mine |= self._owned(f"{path}__team_id", team)
            if self.unowned_for_all:
                mine |= Q(**{f"{path}__isnull": True})
        return mine

    def _owned(self, path: str, owner: Any) -> Q:
        """The owner of another record is looked up in that record's table: a join would put all rows together first."""
        relation, _dots, rest = path.partition("__")
        if relation == "owner" or not rest:
            return Q(**{path: owner})
        other: Any = self.model._meta.get_field(relation).related_model
        return Q(**{f"{relation}__in": other._base_manager.filter(**{rest: owner}).values("pk")})


class UnownedQuerySet(RecordQuerySet):
    """Rows nobody owns: whoever may see their kind sees all of them."""

    owner_paths = ()


def sees_all(user: Any, model: Any) -> bool:
    """Whether no row of this kind is hidden from the user: what is known of all rows may be shown to them."""
    visible = model.objects.visible_to(user)
    return not visible.query.is_empty() and not visible.query.where


def create_permissions(app_config: AppConfig, using: str = "default", **_: Any) -> None:
    """After migrate: one permission per verb and for merging, and the two that widen the rows seen, for every record type."""
    from django.contrib.auth.models import Permission
    from django.contrib.contenttypes.models import ContentType

    from core.lifecycle import verbs
    from core.models import Record

    # Emptied tables (a test's flush) get new content types; the remembered ones would name rows that are gone.
    ContentType.objects.clear_cache()
    wanted = []
    for model in app_config.get_models():
        if not issubclass(model, Record):
            continue
        content_type = ContentType.objects.db_manager(using).get_for_model(model)
        names = {f"see_all_{model._meta.model_name}": "all", f"see_team_{model._meta.model_name}": "team"}
        names |= {verb.permission.split(".")[1]: verb.name for verb in verbs(model).values()}
        if model.MERGEABLE:
            names[f"merge_{model._meta.model_name}"] = "merge"
        wanted += [Permission(content_type=content_type, codename=code, name=code.replace("_", " ")) for code in names]
    Permission.objects.using(using).bulk_create(wanted, ignore_conflicts=True)

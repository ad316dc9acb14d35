"""Views of lists that people keep: a filter, an order and columns under a name."""

from functools import cache
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.written import Statement

SHARE_VIEWS = "core.share_savedview"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: Any) -> Self:
        """One's own, and those that are everybody's."""
        return self.filter(Q(owner=user) | Q(owner=None) | Q(shared=True))


class SavedView(models.Model):
    """A list's address under a name: one's own, or shared with everybody. Rows are narrowed by rights whenever it is read."""

    #: Parameters of an address that are no part of a view.
    LEFT_OUT: ClassVar[tuple[str, ...]] = (
        "after", "before", "panel", "format", "order", "column", "up", "down", "within", "on", "view", "columns",
        "csrfmiddlewaretoken",
    )  # fmt: skip

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    model = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+", verbose_name=_("list"))
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("filter"), max_length=2000, blank=True)
    columns = models.JSONField(_("columns"), default=list, blank=True)
    shared = models.BooleanField(_("shared with everybody"), default=False)
    roles = models.ManyToManyField(Group, blank=True, related_name="+", verbose_name=_("lists start with it for"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True, editable=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("view")
        verbose_name_plural = _("views")
        ordering = ("model", "position", "pk")
        default_permissions = ()
        permissions = [("share_savedview", _("Can share views of lists with everybody"))]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "model", "name"], nulls_distinct=False, name="one_view_of_a_name_per_owner"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def tabs_of(cls, model: type[models.Model], user: Any) -> list["SavedView"]:
        """Those of a list, shared ones first, each with `starts`: whether the user's roles begin with it. One query."""
        statement, kind = _tabs(), ContentType.objects.get_for_model(model)
        rows = cls.objects.raw(statement.sql, statement.filled({Statement.BLANK: user.pk, Statement.SECOND: kind.pk}))
        return sorted(rows, key=lambda view: (not view.is_shared, view.position, view.pk))

    @property
    def is_shared(self) -> bool:
        return self.shared or self.owner_id is None

    def may_be_changed_by(self, user: Any) -> bool:
        """One's own; what everybody sees, by those who may share."""
        return bool(user.has_perm(SHARE_VIEWS)) if self.is_shared else self.owner_id == user.pk

    def take(self, params: QueryDict) -> None:
        """Become what an address shows: its filter, order and columns, without its page."""
        names = [name for text in params.getlist("columns") for name in text.split(",") if name]
        self.columns = list(dict.fromkeys(names))
        kept = [(k, v) for k, values in params.lists() for v in values if v and k not in self.LEFT_OUT]
        self.query = urlencode(kept).replace("%00", "")

    @property
    def address(self) -> str:
        """The query string that shows it."""
        columns = {"columns": ",".join(map(str, self.columns))} if self.columns else {}
        return "?" + "&".join(filter(None, [f"view={self.pk}", self.query, urlencode(columns)]))


@cache
def _tabs() -> Statement:
    """For a user and a kind of record."""
    user, kind = Statement.BLANK, Statement.SECOND
    held = get_user_model().groups.through.objects.filter(user=user).values("group")
    begun = SavedView.roles.through.objects.filter(savedview=OuterRef("pk"), group__in=held)
    return Statement.of(SavedView.objects.visible_to(user).filter(model=kind).annotate(starts=Exists(begun)))

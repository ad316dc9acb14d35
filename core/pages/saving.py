"""The pages by which views of lists are kept: save, rename, share, update, move, delete."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import registry
from core.forms import ModelForm
from core.models import SavedView
from core.models.views import SHARE_VIEWS
from core.pages.base import Page, make_form, model_url
from core.pages.forms import FormPage

#: More tabs than this help nobody.
MOST = 30


class _Roles(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return registry.role_label(obj.name)


class ViewForm(ModelForm):
    """A name; for those who may share, also who sees it and whose list starts with it."""

    roles = _Roles(
        Group.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("The list starts with it for"),
    )

    class Meta:
        model = SavedView
        fields = ("name", "shared", "roles")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.user.has_perm(SHARE_VIEWS):
            del self.fields["shared"], self.fields["roles"]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if roles := found.get("roles"):
            if not found.get("shared"):
                self.add_error("shared", _("What a list starts with for others has to be shared."))
            others = SavedView.objects.filter(model=self.instance.model, roles__in=roles).exclude(pk=self.instance.pk)
            for name in sorted(set(others.values_list("name", flat=True))):
                self.add_error("roles", _("The list starts with “%(view)s” for one of them already.") % {"view": name})
        return found


class ViewPage(FormPage):
    """Keep a list's address under a name, or change that name."""

    model = SavedView
    form_class = ViewForm

    def required_permission(self) -> str:
        return ""

    def record(self) -> Any:
        return changeable(super().record(), self.request.user)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if ("shared" in request.POST or "roles" in request.POST) and not request.user.has_perm(SHARE_VIEWS):
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def form(self, record: Any) -> Any:
        return make_form(self.form_class, self.request, record=record, instance=record or self.fresh())

    def fresh(self) -> SavedView:
        listed = listed_model(self.kwargs["app"], self.kwargs["model"])
        if not self.request.user.has_perm(f"{listed._meta.app_label}.view_{listed._meta.model_name}"):
            raise PermissionDenied
        view = SavedView(model=ContentType.objects.get_for_model(listed), owner_id=self.request.user.pk)
        view.take(self.request.GET)
        return view

    def save(self, form: Any, lines: Any) -> SavedView:
        view = form.instance
        if len(view.query) > 2000:
            raise ValidationError(_("This filter is too long to be kept."))
        if view.pk is None:
            known = SavedView.objects.filter(owner_id=self.request.user.pk, model=view.model)
            if (count := known.count()) >= MOST:
                raise ValidationError(_("You have %(n)d views of this list. Delete one first.") % {"n": count})
            view.position = count
        try:
            with transaction.atomic():
                saved: SavedView = form.save()
                return saved
        except IntegrityError as error:
            text = _("You have a view “%(name)s” of this list already. Take another name, or update that view.")
            raise ValidationError({"name": text % {"name": view.name}}) from error

    def success_url(self, saved: SavedView) -> str:
        return list_url(saved, self.request) + saved.address

    def cancel_url(self, record: Any) -> str:
        view = record or self.fresh()
        return list_url(view, self.request) + (record.address if record else "")

    def success_message(self, saved: Any) -> str:
        return _("The view “%(view)s” is saved.") % {"view": saved}


class _OneView(Page):
    """Something done to a view at once, by POST: to one's own, or to a shared one by those who may share."""

    model = SavedView
    permission = ""
    http_method_names = ("post",)

    def record(self) -> Any:
        return changeable(super().record(), self.request.user)


class UpdateView(_OneView):
    """The view becomes what the list shows now: the address comes in the address, or in the form's own fields."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = self.record()
        view.take(request.GET or request.POST)
        if len(view.query) > 2000:
            return self.go(list_url(view, request), _("This filter is too long to be kept."))
        view.save(update_fields=["query", "columns", "updated_at"])
        return self.go(list_url(view, request) + view.address, _("The view “%(view)s” is saved.") % {"view": view})


class DeleteView(_OneView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = self.record()
        url, name = list_url(view, request), view.name
        view.delete()
        return self.go(f"{url}?view=all", _("The view “%(view)s” is deleted.") % {"view": name})


class MoveView(_OneView):
    """One place to the left or to the right, among its like: shared views come before one's own."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        view = self.record()
        tabs = SavedView.tabs_of(view.model.model_class(), request.user)
        row = [other for other in tabs if other.is_shared == view.is_shared]
        place = row.index(view)
        to = min(max(place + (-1 if request.POST.get("to") == "left" else 1), 0), len(row) - 1)
        row.insert(to, row.pop(place))
        for position, other in enumerate(row):
            other.position = position
        SavedView.objects.bulk_update(row, ["position"])
        return self.go(list_url(view, request) + view.address)


def changeable(view: SavedView, user: Any) -> SavedView:
    if not view.may_be_changed_by(user):
        raise PermissionDenied
    return view


def listed_model(app: str, model: str) -> Any:
    """The model whose list is meant, or 404."""
    try:
        found = apps.get_model(app, model)
    except LookupError as error:
        raise Http404 from error
    if not model_url(found, "list"):
        raise Http404
    return found


def list_url(view: SavedView, request: HttpRequest) -> str:
    """The list, or the board beside it where that is what the reader came from."""
    model = view.model.model_class()
    from_board = "board" in (request.GET.get("on"), request.POST.get("on"))
    return (from_board and model_url(model, "board")) or model_url(model, "list")

"""Verbs in the admin: buttons on the record's page and actions of the list, under the same rules as everywhere."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from unfold import widgets

from core import lifecycle
from core.lifecycle import Refused, Verb, verbs
from core.pages.base import REFUSALS_OF_THE_DATABASE, make_form, reasons_of

#: What one action of the list may do; more than this is a job.
MOST = 500


def buttons(admin: Any, record: Any, user: Any) -> list[dict[str, Any]]:
    """The record's next steps: verbs lead to the admin's own pages, hand-overs to the pages of the site."""
    found = []
    for step in record.next_steps(user):
        is_verb = step.form != "handover"
        url = admin.act_url(record, step.name) if is_verb else step.url
        found.append({"step": step, "url": url, "posts": is_verb and not step.form})
    return found


def one(admin: Any, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
    """Perform one verb on one record: GET asks, POST does it."""
    record = admin.get_object(request, unquote(object_id))
    if record is None or not admin.has_view_permission(request, record):
        return admin._get_obj_does_not_exist_redirect(request, admin.opts, object_id)
    verb = verbs(admin.model).get(name)
    if verb is None or not verb.by_hand:
        raise Http404
    back = HttpResponseRedirect(_change_url(admin, record))
    if not request.user.has_perm(verb.permission):
        admin.message_user(request, _("You have no right to do this."), messages.ERROR)
        return back
    form = verb_form(verb, request, record)
    if request.method != "POST":
        reasons = lifecycle.why_not(record, verb, request.user)
        return page(admin, request, verb, [record], form, reasons=reasons)
    if form is not None and not form.is_valid():
        return page(admin, request, verb, [record], form, status=422)
    if refused := perform(admin, request, record, verb, form):
        for reason in refused:
            admin.message_user(request, f"{record}: {reason}", messages.ERROR)
    else:
        admin.message_user(request, f"{record}: {verb.past or verb.label}.", messages.SUCCESS)
    return back


def many(admin: Any, request: HttpRequest, queryset: Any, verb: Verb) -> HttpResponse | None:
    """Perform one verb on the ticked rows; a verb that asks for facts asks once, for all of them."""
    records = list(queryset.order_by("pk")[:MOST])
    form = verb_form(verb, request, None) if verb.form else None
    if form is not None and ("apply" not in request.POST or not form.is_valid()):
        if "apply" not in request.POST:
            form = verb_form(verb, request, None, bound=False)
        return page(admin, request, verb, records, form, status=422 if form and form.is_bound else 200)
    refused = [(r, reasons) for r in records if (reasons := perform(admin, request, r, verb, form))]
    if done := len(records) - len(refused):
        message = ngettext("%(label)s: %(n)d done.", "%(label)s: %(n)d done.", done)
        admin.message_user(request, message % {"label": verb.label, "n": done}, messages.SUCCESS)
    for record, reasons in refused:
        admin.message_user(request, f"{record}: {' '.join(map(str, reasons))}", messages.ERROR)
    return None


def perform(admin: Any, request: HttpRequest, record: Any, verb: Verb, form: Any) -> list[Any]:
    """Call the verb with the user of the request. Returns why it was refused, or nothing."""
    facts = form.cleaned_data if form is not None else {}
    try:
        getattr(record, verb.name)(by=request.user, **facts)
    except PermissionDenied:
        return [_("You have no right to do this.")]
    except (Refused, ValidationError, *REFUSALS_OF_THE_DATABASE) as error:
        return list(reasons_of(error))
    admin.log_change(request, record, str(verb.past or verb.label))
    return []


def verb_form(verb: Verb, request: HttpRequest, record: Any, *, bound: bool = True) -> Any:
    """The verb's own form in the admin's clothes, or None."""
    if not verb.form:
        return None
    form_class = import_string(verb.form)
    extra = {"instance": record} if hasattr(form_class, "_meta") and record is not None else {}
    if bound:
        form = make_form(form_class, request, record=record, **extra)
    else:
        form = form_class(user=request.user, record=record, **extra)
    for field in form.fields.values():
        _dress(field.widget)
    return form


def _dress(widget: forms.Widget) -> None:
    if isinstance(widget, forms.CheckboxInput | forms.RadioSelect):
        return
    kinds = ((forms.Textarea, widgets.TEXTAREA_CLASSES), (forms.Select, widgets.SELECT_CLASSES))
    classes = next((found for kind, found in kinds if isinstance(widget, kind)), widgets.INPUT_CLASSES)
    widget.attrs["class"] = " ".join(classes)


def page(
    admin: Any,
    request: HttpRequest,
    verb: Verb,
    records: list[Any],
    form: Any,
    *,
    reasons: Any = (),
    status: int = 200,
) -> HttpResponse:
    """The page between: which records, what the verb asks, and why not where it is not possible."""
    context = {
        **admin.admin_site.each_context(request),
        "title": verb.label,
        "opts": admin.opts,
        "verb": verb,
        "records": records,
        "form": form,
        "reasons": reasons,
        "many": "action" in request.POST,
        "action": request.POST.get("action", ""),
        "action_checkbox_name": ACTION_CHECKBOX_NAME,
        "back_url": _list_url(admin) if "action" in request.POST else _change_url(admin, records[0]),
    }
    request.current_app = admin.admin_site.name
    return TemplateResponse(request, "admin/lifecycle/act.html", context, status=status)


def _change_url(admin: Any, record: Any) -> str:
    opts = admin.opts
    return reverse(f"{admin.admin_site.name}:{opts.app_label}_{opts.model_name}_change", args=[record.pk])


def _list_url(admin: Any) -> str:
    opts = admin.opts
    return reverse(f"{admin.admin_site.name}:{opts.app_label}_{opts.model_name}_changelist")

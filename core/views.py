"""Pages that belong to no stage: search, pickers, preferences, style guide."""

from django.apps import apps
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core import commands, keys, preferences, search
from core.pages.base import safe_next

_PICK = 30


def _text(request: HttpRequest) -> str:
    text = request.GET.get("q", "").strip()[:200]
    if "\0" in text:
        raise BadRequest("NUL")
    return text


@require_GET
@login_required
def search_page(request: HttpRequest) -> HttpResponse:
    """Everything that matches; under the search box while typing, or as a page."""
    text = _text(request)
    in_box = request.headers.get("HX-Target") == "search-results"
    hits = search.find(text, request.user, per_kind=4 if in_box else 20) if len(text) > 1 else []
    context = {"text": text, "hits": hits, "commands": commands.matching(request, text), "title": text}
    template = "pages/search.html#results" if in_box else "pages/search.html"
    return render(request, template, context)


@require_GET
def pick(request: HttpRequest, app: str, model: str) -> JsonResponse:
    """Rows for a picker, as JSON: those this user may see, narrowed by the filters the kind allows."""
    if not request.user.is_authenticated:
        return JsonResponse({"results": []}, status=401)
    try:
        found = apps.get_model(app, model)
    except LookupError as error:
        raise Http404 from error
    entry = search.entry_of(found)
    if entry is None:
        raise Http404
    if not request.user.has_perm(f"{found._meta.app_label}.view_{found._meta.model_name}"):
        raise PermissionDenied
    rows = found.objects.visible_to(request.user)
    for name in entry.filters:
        if value := request.GET.get(name, ""):
            rows = rows.filter(**{name: int(value)}) if value.isascii() and value.isdigit() else rows.none()
    for name in entry.scopes:
        if name in request.GET:
            rows = getattr(rows, name)()
    if text := _text(request):
        rows = search.matching(entry, rows, text)
    hint = entry.hint or "pk"
    values = rows.annotate(_title=search.title_of(entry)).order_by("_title", "pk").values_list("pk", "_title", hint)
    results = [{"id": pk, "text": title, "hint": str(h or "") if entry.hint else ""} for pk, title, h in values[:_PICK]]
    return JsonResponse({"results": results})


@require_GET
@login_required
def keyboard(request: HttpRequest) -> HttpResponse:
    """The keys this user has, as a dialogue on "?" or as a page."""
    in_dialogue = request.headers.get("HX-Target") == "modal-content"
    template = "pages/keyboard.html#dialog" if in_dialogue else "pages/keyboard.html"
    context = {"groups": keys.groups(request), "letters": preferences.letters(request), "title": _("Keyboard")}
    return render(request, template, context)


@require_POST
def set_preferences(request: HttpRequest) -> HttpResponse:
    """Language, theme, density, keys: as cookies, and on the account."""
    chosen = preferences.wanted(request.POST)
    if request.user.is_authenticated:
        preferences.keep(request.user, chosen)
    return preferences.remember(HttpResponseRedirect(safe_next(request, "/")), chosen)


@require_GET
def style_guide(request: HttpRequest) -> HttpResponse:
    """Every component, live, with its code."""
    if not (settings.DEBUG or settings.DEMO or request.user.is_staff):
        raise Http404
    from core import styleguide

    return render(request, "pages/styleguide.html", styleguide.context(request))

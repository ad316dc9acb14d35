"""Pages without an account: a form, its thanks, the question whether we may remember how somebody came, the confirmation."""

import hashlib
import json
from collections.abc import Mapping
from secrets import token_urlsafe
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core import identity, throttle
from core.forms import Form
from core.lifecycle import Refused
from leads.capture import attribution, bots, inputs, opting, receiving
from leads.capture.inputs import Door
from leads.models.webforms import origin_of

_METHODS = ["GET", "HEAD", "POST"]
#: What the page says of a touch in hidden inputs, where parameters of addresses have no name.
_HIDDEN = {"referrer": "_referrer", "page": "_page"}
_FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


@csrf_exempt  # plain HTML on other sites sends it; it does nothing in anybody's name
@require_http_methods(_METHODS)
def form(request: HttpRequest, token: str) -> HttpResponse:
    """The hosted page of a form."""
    found = _door(request, token)
    with translation.override(found.form.language):
        if request.method == "POST":
            return _no_frame(_take(request, found, frame=False), found)
        response = _no_frame(_page(request, found), found)
        attribution.follow(request, response)
        return response


@csrf_exempt
@require_http_methods(_METHODS)
def embedded(request: HttpRequest, token: str) -> HttpResponse:
    """The same in a frame of the sites that the form names, and of no others."""
    found = _door(request, token)
    with translation.override(found.form.language):
        response = _take(request, found, frame=True) if request.method == "POST" else _page(request, found, frame=True)
        return _in_frame(response, found)


@require_http_methods(["GET", "HEAD"])
def thanks(request: HttpRequest, token: str) -> HttpResponse:
    return _thanks(request, _door(request, token))


@require_http_methods(["GET", "HEAD"])
def embedded_thanks(request: HttpRequest, token: str) -> HttpResponse:
    found = _door(request, token)
    return _in_frame(_thanks(request, found, frame=True), found)


def _thanks(request: HttpRequest, found: Door, *, frame: bool = False) -> HttpResponse:
    with translation.override(found.form.language):
        return _render(request, "leads/capture/thanks.html", found, {"words": found.words, "frame": frame})


@csrf_exempt  # it can only be said of one's own browser, and undone by the same page
@require_http_methods(["POST"])
def remember(request: HttpRequest, token: str) -> HttpResponse:
    """A visitor lets us keep how they came, or takes it back."""
    found = _door(request, token)
    response = redirect("leads:public_form", token=found.form.token)
    if request.POST.get("answer") == "yes":
        now = attribution.sent(request.POST, request) | {"at": attribution.present(request)["at"]}
        attribution.remember(response, attribution.kept(request).get("first", now), now)
    else:
        attribution.forget(response)
    return response


def _door(request: HttpRequest, token: str) -> Door:
    found = inputs.door(token)
    if found is None:
        raise Http404
    return found


# --- What is sent ---------------------------------------------------------------------------------------------------------


def _take(request: HttpRequest, found: Door, *, frame: bool) -> HttpResponse:
    if (status := _unreadable(request)) is not None:
        return HttpResponse(_("This cannot be read."), status=status, content_type="text/plain")
    sent = {name: request.POST.get(name, "") for name in list(request.POST)[:200]}
    why = bots.why_not(found.form.token, sent)
    if not why and inputs.clean(found, sent).errors:
        return _page(request, found, frame=frame, sent=sent, status=422)
    crowd = bots.too_many(found.form.pk, throttle.client_ip(request), sent)
    if crowd < 2:
        _keep(request, found, sent, why or (bots.Why.TOO_MANY if crowd else ""))
    if crowd:
        problem = _("Too many were sent from here. Please wait a minute and try again.")
        return _page(request, found, frame=frame, sent=sent, problem=problem, status=429)
    return HttpResponseRedirect(_next(found, frame))  # a program that was stopped learns nothing from it


def _unreadable(request: HttpRequest) -> int | None:
    length = request.headers.get("Content-Length") or "0"
    if not length.isascii() or not length.isdigit():
        return 400
    if int(length) > receiving.MOST_BYTES:
        return 413
    return None if request.content_type in _FORM_TYPES else 415


def _keep(request: HttpRequest, found: Door, sent: Mapping[str, str], why: str) -> None:
    fields = {name: sent[name] for name in found.fields if name in sent}
    payload: dict[str, Any] = {
        "fields": fields,
        "consents": _ticks(found, sent),
        "touch": attribution.sent(sent, request),
    } | attribution.kept(request)
    digest = hashlib.sha256(json.dumps([fields, payload["consents"]], sort_keys=True).encode()).hexdigest()
    # One showing may be sent twice, by a double click, or again with a better address: the second is another one.
    showing = sent.get(bots.SHOWING, "")[:40]
    receiving.keep(
        form=found.form.pk,
        channel="form",
        key=f"shown:{receiving.printable(showing)}:{digest[:40]}" if showing else f"once:{token_urlsafe(16)}",
        payload=payload,
        ip=throttle.client_ip(request),
        agent=request.headers.get("User-Agent", ""),
        why=why,
        digest=digest,
    )


def _ticks(found: Door, sent: Mapping[str, str]) -> dict[str, int]:
    """The words that were on the page, which may be older than the present ones: {code: version}."""
    ticks = {}
    for words in found.words:
        version = sent.get(f"consent_{words.code}", "")
        if version.isascii() and version.isdigit() and 0 < int(version[:6]) <= words.version:
            ticks[words.code] = int(version[:6])
    return ticks


def _next(found: Door, frame: bool) -> str:
    name = "leads:embedded_thanks" if frame else "leads:public_thanks"
    return found.form.thanks_url if found.form.thanks_url and not frame else reverse(name, args=[found.form.token])


# --- What is shown --------------------------------------------------------------------------------------------------------


def _page(
    request: HttpRequest,
    found: Door,
    *,
    frame: bool = False,
    sent: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    touch = attribution.present(request) if sent is None else attribution.sent(sent, request)
    context = {
        "asked": shown_form(found, sent),
        "words": [(one, (sent or {}).get(f"consent_{one.code}")) for one in found.words],
        "touch": [(_HIDDEN.get(name, name), value) for name, value in touch.items() if name != "at"],
        "trap": bots.TRAP,
        "shown_at": bots.stamp(found.form.token),
        "showing": token_urlsafe(12),
        "problem": problem,
        "frame": frame,
        "remembered": bool(attribution.kept(request)),
        "may_ask": not frame and bool(set(touch) - {"page", "at"}),
    }
    return _render(request, "leads/capture/form.html", found, context, status=status)


def shown_form(found: Door, sent: Mapping[str, str] | None = None) -> Form:
    """The form to be shown: the fields as they were asked, with what was typed and what is wrong with it."""
    made: Any = type("Asked", (Form,), dict(found.fields))
    shown: Form = made(sent)
    return shown


def _render(
    request: HttpRequest, template: str, found: Door, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    known = {"form": found.form, "company": identity.own()}
    response = render(request, template, known | context, status=status)
    response.headers["Content-Language"] = found.form.language
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _no_frame(response: HttpResponse, found: Door) -> HttpResponse:
    """The thank-you page elsewhere is where the browser is sent by the form: the policy has to know it."""
    if origin := origin_of(found.form.thanks_url):
        response._csp_update = {"form-action": [origin]}  # type: ignore[attr-defined]
    return response


def _in_frame(response: HttpResponse, found: Door) -> HttpResponse:
    sites = [origin for site in found.form.sites if (origin := origin_of(site))]
    response._csp_replace = {"frame-ancestors": sites or ["'none'"]}  # type: ignore[attr-defined]
    response.xframe_options_exempt = bool(sites)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


# --- Confirming consents --------------------------------------------------------------------------------------------------


@csrf_exempt  # the link is the key
@require_http_methods(_METHODS)
def opt_in(request: HttpRequest, token: str) -> HttpResponse:
    """A page with a button: programs that look at links in mails confirm nothing."""
    asked = opting.asked_by(token)
    if asked is None:
        raise Http404
    language = asked.capture.form.language if asked.capture.form else asked.lead.language
    with translation.override(language):
        problem, status = "", 200
        if request.method == "POST":
            try:
                opting.confirm(asked, ip=throttle.client_ip(request))
            except Refused as refused:
                problem, status = str(refused), 409
        done = request.method == "POST" and not problem
        words = [text.text for _purpose, text in opting.agreed(asked.capture)]
        context = {"words": words, "done": done, "problem": problem, "company": identity.own(), "email": asked.email}
        response = render(request, "leads/capture/opt_in.html", context, status=status)
        response.headers["Content-Language"] = language
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response.headers["Cache-Control"] = "private, no-store"
        return response

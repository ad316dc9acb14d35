"""Pages behind the links in our mails: no account, the signed link is the key, and it opens only what it was made for.

Nothing that a mail program fetches by itself changes a consent: that takes a click on a button, or the request that RFC 8058
keeps for it. There is no cookie here that another site could misuse, so these forms need no token besides the address.
"""

import base64
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from core import access, identity, throttle
from core.lifecycle import Refused
from core.models import Consent, Purpose
from core.privacy import consent
from leads.models import Send
from leads.nurture import links, signals

#: Answers a link takes per minute; strangers' guesses per minute and address.
ANSWERS, GUESSES = 20, 30
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_SECRET = {
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "private, no-store",
}


def _behind(use: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Finds the mail of a genuine link; anything else is not found, and whoever tries many is asked to wait."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def found(request: HttpRequest, token: str) -> HttpResponse:
            named = links.read(use, token)
            send = _send(named[0]) if named else None
            if named is None or send is None:
                response = _nothing_here(request, token)
            else:
                response = view(request, send, named[1])
            for name, value in _SECRET.items():
                response.headers[name] = value
            return response

        return csrf_exempt(found)

    return decorate


def _send(pk: int) -> Send | None:
    rows = Send.objects.select_related("purpose", "measuring", "edition", "delivery", "subject_type")
    return rows.filter(pk=pk).first() if pk < 2**63 else None


def _nothing_here(request: HttpRequest, token: str) -> HttpResponse:
    if throttle.too_many(f"guess:{throttle.client_ip(request)}", limit=GUESSES):
        return HttpResponse(_("Too many tries. Please wait a minute and try again."), status=429)
    raise Http404


# --- Measuring ------------------------------------------------------------------------------------------------------------


@_behind("open")
@require_safe
def opened(request: HttpRequest, send: Send, _number: int) -> HttpResponse:
    """The picture in a mail of which openings are measured."""
    signals.note_opening(request, send)
    return HttpResponse(_PIXEL, content_type="image/gif")


@_behind("click")
@require_safe
def click(request: HttpRequest, send: Send, number: int) -> HttpResponse:
    """On to the address that stood in the mail; there is no other to be led to."""
    if number >= len(send.edition.links):
        raise Http404
    signals.note_click(request, send, number)
    return HttpResponseRedirect(send.edition.links[number])


# --- Consents -------------------------------------------------------------------------------------------------------------


@csrf_exempt
def choices(request: HttpRequest, token: str) -> HttpResponse:
    """What somebody agrees to, and the buttons to change it. The link of a trial mail shows that it is one."""
    if token == "trial":  # noqa: S105
        return _page(request, {"trial": True}, "")
    return _choices(request, token)


@_behind("choices")
@require_http_methods(["GET", "HEAD", "POST"])
def _choices(request: HttpRequest, send: Send, _number: int) -> HttpResponse:
    person: Any = send.subject
    if person is None or not person.email:
        return _page(request, {"gone": True}, "", status=410)
    language = request.GET.get("lang", "")
    with translation.override(language if language in dict(settings.LANGUAGES) else person.language):
        if request.method != "POST":
            return _show(request, send, person)
        if throttle.too_many(f"choices:{send.pk}", limit=ANSWERS):
            problem = _("Too many tries. Please wait a minute and try again.")
            return _show(request, send, person, problem=problem, status=429)
        try:
            _change(request, send, person)
        except Refused as refusal:
            return _show(request, send, person, problem=str(refusal), status=409)
        return redirect(f"{_address(send)}?{'lang=' + language + '&' if language else ''}done=1")


@_behind("choices")
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, send: Send, _number: int) -> HttpResponse:
    """RFC 8058: one POST from the mail program, and the consent is withdrawn. A person who opens it gets the page."""
    if request.method != "POST":
        return redirect(_address(send))
    person: Any = send.subject
    if person is not None and person.email:
        _withdraw(request, send, person, send.purpose)
    return HttpResponse(_("You are unsubscribed."), content_type="text/plain; charset=utf-8")


def _change(request: HttpRequest, send: Send, person: Any) -> None:
    act, _colon, code = request.POST.get("act", "")[:60].partition(":")
    purposes = [one.purpose for one in consent.standing(person)]
    chosen = next((purpose for purpose in purposes if purpose.code == code), None)
    if act == "all":
        for purpose in purposes:
            _withdraw(request, send, person, purpose)
    elif act == "withdraw" and chosen is not None:
        _withdraw(request, send, person, chosen)
    elif act == "give" and chosen is not None:
        _give(request, send, person, chosen)
    else:
        raise Refused(_("Please choose one of the buttons."))


def _withdraw(request: HttpRequest, send: Send, person: Any, purpose: Purpose) -> None:
    """Saying no twice is no mistake."""
    facts: dict[str, Any] = {
        "subject": person,
        "purpose": purpose,
        "source": Consent.Source.LINK,
        "evidence": _evidence(send),
    }
    now = consent.standing_of(person, purpose).state
    if now == "given" or purpose.pk == send.purpose_id:
        try:
            consent.withdraw(by=_who(person), ip=throttle.client_ip(request), **facts)
        except Refused:
            return
    if purpose.pk == send.purpose_id:
        signals.note_withdrawal(send)


def _give(request: HttpRequest, send: Send, person: Any, purpose: Purpose) -> None:
    """A yes to the words that stood on the page, from the address the mail was sent to."""
    words = purpose.present_text
    if not _same_address(send, person) or words is None or request.POST.get(f"text-{purpose.code}") != str(words.pk):
        raise Refused(_("The words have changed meanwhile. Please read them and choose again."))
    ip = throttle.client_ip(request)
    facts: dict[str, Any] = {"source": Consent.Source.LINK, "evidence": _evidence(send), "text": words, "ip": ip}
    consent.give(subject=person, purpose=purpose, by=_who(person), **facts)


def _same_address(send: Send, person: Any) -> bool:
    """Whoever has an old address of somebody may stop the mails, and agree to nothing in their name."""
    return bool(send.email == person.email.lower())


def _who(person: Any) -> access.Customer:
    return access.Customer(name=f"{person.first_name} {person.last_name}".strip() or person.email, email=person.email)


def _evidence(send: Send) -> str:
    return _("By the link in the mail “%(title)s” (no. %(number)d)") % {"title": send.edition, "number": send.pk}


def _address(send: Send) -> str:
    return reverse("leads:mail_choices", args=[links.token("choices", send.pk)])


def _show(request: HttpRequest, send: Send, person: Any, *, problem: str = "", status: int = 200) -> HttpResponse:
    rows = [(one, one.purpose.present_text) for one in consent.standing(person) if one.purpose.is_active]
    rows = [(one, words) for one, words in rows if words is not None]
    context = {
        "email": masked(send.email or person.email),
        "rows": sorted(rows, key=lambda row: row[0].purpose.pk != send.purpose_id),
        "any_given": any(one.is_valid for one, _words in rows),
        "may_give": _same_address(send, person),
        "problem": problem,
        "done": request.GET.get("done") == "1",
    }
    return _page(request, context, _address(send), status=status)


def masked(email: str) -> str:
    """An address its owner recognises, and nobody else who got hold of the mail."""
    name, _at, domain = email.partition("@")
    return f"{name[:1]}•••@{domain}"


def _page(request: HttpRequest, context: dict[str, Any], url: str, *, status: int = 200) -> HttpResponse:
    found = {"company": identity.own(), "page_url": url, **context}
    return render(request, "leads/nurture/choices.html", found, status=status)

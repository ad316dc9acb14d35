"""The customer's page of a quote: read, download, accept, decline. No account; the link is the key.

Whoever holds the link may answer, so the page tells nobody about it: no referrer, no index, no cache. Every revision has a link
of its own; drafts and unapproved ones have no page.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.decorators import decorator_from_middleware
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from core import access, identity, throttle
from core.lifecycle import Refused
from quotes import services
from quotes.forms import PublicAcceptForm, PublicDeclineForm
from quotes.models import Quote

#: Answers a link takes per minute; strangers' guesses per minute and address.
ANSWERS, GUESSES = 10, 30


class NullOriginCsrf(CsrfViewMiddleware):
    """A page that sends no referrer also sends "Origin: null" with its own forms (Fetch standard, 3.1); the cookie and the
    form's token are compared as everywhere."""

    def _origin_verified(self, request: HttpRequest) -> bool:
        return request.META.get("HTTP_ORIGIN") == "null" or super()._origin_verified(request)  # type: ignore[misc]


def _customers_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Finds the quote of the link, speaks the customer's language, keeps the link secret."""

    @wraps(view)
    def found(request: HttpRequest, token: str) -> HttpResponse:
        quote = _published(token)
        if quote is None:
            return _nothing_here(request)
        with translation.override(_language(request, quote)):
            response = view(request, quote)
            response.headers["Content-Language"] = translation.get_language() or ""
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response.headers["Cache-Control"] = "private, no-store"
        return response

    checked: Any = csrf_exempt(decorator_from_middleware(NullOriginCsrf)(found))
    return checked


def _published(token: str) -> Quote | None:
    return Quote.objects.published().select_related("company", "contact", "owner", "pdf").filter(token=token).first()


def _nothing_here(request: HttpRequest) -> HttpResponse:
    """Not found; whoever tries many links is asked to wait."""
    if throttle.too_many(f"guess:{throttle.client_ip(request)}", limit=GUESSES):
        return HttpResponse(_("Too many tries. Please wait a minute and try again."), status=429)
    raise Http404


def _language(request: HttpRequest, quote: Quote) -> str:
    wanted = request.GET.get("lang", "")
    return wanted if wanted in dict(settings.LANGUAGES) else quote.language


@_customers_page
@require_safe
def offer(request: HttpRequest, quote: Quote) -> HttpResponse:
    """The offer, and what has become of it."""
    if request.method == "GET" and not request.user.is_authenticated:
        services.note_view(quote)
    return _page(request, quote)


@_customers_page
@require_safe
def pdf(request: HttpRequest, quote: Quote) -> HttpResponse:
    """The PDF that was sent, byte for byte."""
    kept = services.kept_pdf(quote)
    headers = {"Content-Disposition": f'inline; filename="{kept.name}"'}
    return HttpResponse(kept.read(), content_type=kept.mime, headers=headers)


@_customers_page
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, quote: Quote) -> HttpResponse:
    """Take the customer's yes, with its proof."""
    return _answer(request, quote, PublicAcceptForm, "accept", _accept)


@_customers_page
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, quote: Quote) -> HttpResponse:
    """Take the customer's no, with their reason."""
    return _answer(request, quote, PublicDeclineForm, "decline", _decline)


def _accept(request: HttpRequest, quote: Quote, facts: dict[str, Any]) -> None:
    services.kept_pdf(quote)
    customer = access.Customer(name=facts["signer_name"], email=facts["signer_email"])
    quote.accept(
        by=customer,
        signer_name=facts["signer_name"],
        signer_email=facts["signer_email"],
        ip=throttle.client_ip(request),
        agent=_printable(request.headers.get("User-Agent", "")),
    )


def _decline(request: HttpRequest, quote: Quote, facts: dict[str, Any]) -> None:
    quote.decline(by=access.Customer(name=quote.customer_name), reason=facts["reason"])


def _answer(request: HttpRequest, quote: Quote, form_class: Any, name: str, act: Callable[..., None]) -> HttpResponse:
    if request.method != "POST":  # a phone that opens its old tab again
        return redirect(_address("quotes:public", request, quote))
    form = form_class(request.POST)
    if throttle.too_many(f"answer:{quote.pk}", limit=ANSWERS):
        problem = _("Too many tries. Please wait a minute and try again.")
        return _page(request, quote, forms={name: form}, problem=problem, status=429)
    if not form.is_valid():
        return _page(request, quote, forms={name: form}, status=422)
    try:
        act(request, quote, form.cleaned_data)
    except Refused:
        # The page of what has happened meanwhile says more than the reason for sales.
        fresh = _published(quote.token) or quote
        problem = _("Your answer came too late: this offer is no longer open. Nothing was changed.")
        return _page(request, fresh, forms={name: form}, problem=problem, status=409)
    return redirect(_address("quotes:public", request, quote))


def _page(
    request: HttpRequest, quote: Quote, *, forms: dict[str, Any] | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    is_open = quote.state == Quote.State.SENT and not quote.is_over
    context = {
        "quote": quote,
        "lines": list(quote.lines.all()),
        "totals": quote.totals,
        "company": identity.own(),
        "is_open": is_open,
        "newer": _newer(quote),
        "problem": problem,
        "accept_form": _form(forms, "accept", PublicAcceptForm) if is_open else None,
        "decline_form": _form(forms, "decline", PublicDeclineForm) if is_open else None,
        "declining": "decline" in (forms or {}),
        "page_url": reverse("quotes:public", args=[quote.token]),
        "urls": {name: _address(f"quotes:public_{name}", request, quote) for name in ("pdf", "accept", "decline")},
    }
    return render(request, "quotes/public.html", context, status=status)


def _form(forms: dict[str, Any] | None, name: str, form_class: Any) -> Any:
    return (forms or {}).get(name) or form_class()


def _newer(quote: Quote) -> Quote | None:
    """The revision that took this one's place, once the customer has got it."""
    return quote.lineage().published().filter(revision__gt=quote.revision).first()


def _address(name: str, request: HttpRequest, quote: Quote) -> str:
    language = translation.get_language()
    suffix = f"?lang={language}" if language != quote.language else ""
    return reverse(name, args=[quote.token]) + suffix


def _printable(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:300]

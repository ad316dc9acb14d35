"""Addresses of the quotes, and of the customer's page."""

from django.urls import path

from core.pages import pages
from quotes import public
from quotes.models import Quote
from quotes.views import (
    QuoteAct,
    QuoteBoard,
    QuoteDetail,
    QuoteEdit,
    QuoteList,
    QuoteOfOpportunity,
    QuotePdf,
    ReviseQuote,
    SendQuote,
)

app_name = "quotes"

urlpatterns = [
    *pages(
        Quote,
        list=QuoteList,
        board=QuoteBoard,
        detail=QuoteDetail,
        edit=QuoteEdit,
        act=QuoteAct,
        handovers={"opportunity": QuoteOfOpportunity},
        prefix="quotes",
    ),
    path("quotes/<int:pk>/revise/", ReviseQuote.as_view(), name="quote_revise"),
    path("quotes/<int:pk>/send/", SendQuote.as_view(), name="quote_send"),
    path("quotes/<int:pk>/pdf/", QuotePdf.as_view(), name="quote_pdf"),
    path("q/<slug:token>/", public.offer, name="public"),
    path("q/<slug:token>/pdf/", public.pdf, name="public_pdf"),
    path("q/<slug:token>/accept/", public.accept, name="public_accept"),
    path("q/<slug:token>/decline/", public.decline, name="public_decline"),
]

"""Addresses of the quotes."""

from django.urls import path

from quotes import public

app_name = "quotes"

urlpatterns = [
    path("q/<slug:token>/", public.offer, name="public"),
    path("q/<slug:token>/pdf/", public.pdf, name="public_pdf"),
    path("q/<slug:token>/accept/", public.accept, name="public_accept"),
    path("q/<slug:token>/decline/", public.decline, name="public_decline"),
]

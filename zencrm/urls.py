"""Every address of the house. Each stage brings its own."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from core.api.views import unknown
from insights.views import home

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("insights/", include("insights.urls")),
    path("", include("parties.urls")),
    path("", include("catalog.urls")),
    path("", include("activities.urls")),
    path("", include("core.urls")),
    path("", include("leads.urls")),
    path("", include("opportunities.urls")),
    path("", include("people.urls")),
    path("", include("projects.urls")),
    path("", include("purchasing.urls")),
    path("", include("orders.urls")),
    path("", include("quotes.urls")),
    path("", include("invoicing.urls")),
    path("", include("customercare.urls")),
    path("api/v1/", include("zencrm.api")),
    re_path(r"^api/(?P<path>.*)$", unknown),
    path("admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
]

handler400 = "zencrm.errors.bad_request"
handler403 = "zencrm.errors.forbidden"
handler404 = "zencrm.errors.not_found"
handler500 = "zencrm.errors.server_error"

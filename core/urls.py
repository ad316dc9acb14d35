from django.urls import path

from core import views

app_name = "core"

urlpatterns = [
    path("search/", views.search_page, name="search"),
    path("pick/<slug:app>/<slug:model>/", views.pick, name="pick"),
    path("preferences/", views.set_preferences, name="preferences"),
    path("styleguide/", views.style_guide, name="styleguide"),
]

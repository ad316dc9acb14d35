from django.urls import path

from core import deliveries, views
from core.models import Delivery
from core.pages import pages

app_name = "core"

urlpatterns = [
    path("search/", views.search_page, name="search"),
    path("pick/<slug:app>/<slug:model>/", views.pick, name="pick"),
    path("preferences/", views.set_preferences, name="preferences"),
    path("styleguide/", views.style_guide, name="styleguide"),
    path("deliveries/<int:pk>/files/<int:file>/", deliveries.DeliveryFile.as_view(), name="delivery_file"),
    *pages(
        Delivery,
        prefix="deliveries",
        list=deliveries.DeliveryList,
        detail=deliveries.DeliveryDetail,
        act=deliveries.DeliveryAct,
    ),
]

"""Products in the admin, with import and export; costs only for those who may see them."""

from django.contrib import admin

from catalog.models import Product
from catalog.resources import ProductResource
from core.admin import RecordAdmin
from core.admin.exchange import ExchangeMixin


@admin.register(Product)
class ProductAdmin(ExchangeMixin, RecordAdmin):
    resource_classes = (ProductResource,)
    list_display = ("code", "name", "family", "kind", "list_price", "cost", "vat_rate", "is_active")
    list_filter = ("kind", "is_active", "family")
    search_fields = ("code", "name", "family")
    ordering = ("name",)

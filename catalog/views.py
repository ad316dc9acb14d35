"""Pages of products."""

from django.utils.translation import gettext_lazy as _

from catalog.filters import ProductFilter
from catalog.forms import ProductForm
from catalog.models import Product
from core.pages import Column, DetailPage, FormPage, ListPage, Panel, Related


class ProductList(ListPage):
    model = Product
    columns = (
        Column("code", link=True),
        Column("name"),
        Column("family", hide_on_phone=True),
        Column("kind", hide_on_phone=True),
        Column("list_price", kind="money"),
        Column("cost", kind="money"),
        Column("vat_rate", kind="percent", hide_on_phone=True),
        Column("is_active", hide_on_phone=True),
    )
    filterset = ProductFilter
    default_sort = "name"
    views = (
        (_("On sale"), "is_active=true"),
        (_("Goods"), "kind=goods"),
        (_("Services"), "kind=service"),
        (_("Subscriptions"), "kind=subscription"),
    )


class ProductDetail(DetailPage):
    model = Product
    figures = ("list_price", "cost")
    panels = (
        Panel(_("Product"), ("code", "kind", "family", "unit", "is_active", "description"), icon="package"),
        Panel(_("Price"), ("list_price", "cost", "vat_rate", "vat_nature"), icon="cash"),
    )
    related = (
        Related(
            _("Opportunities"),
            "opportunities",
            ("number", "name", "state", "value"),
            permission="opportunities.view_opportunity",
        ),
    )


class ProductCreate(FormPage):
    model = Product
    form_class = ProductForm


class ProductEdit(FormPage):
    model = Product
    form_class = ProductForm

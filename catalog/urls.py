from catalog import views
from catalog.models import Product
from core.pages import pages

app_name = "catalog"

urlpatterns = pages(
    Product,
    prefix="products",
    list=views.ProductList,
    detail=views.ProductDetail,
    create=views.ProductCreate,
    edit=views.ProductEdit,
)

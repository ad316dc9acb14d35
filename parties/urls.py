from django.urls import path

from core.pages import pages
from parties import views
from parties.models import Company, Contact

app_name = "parties"

urlpatterns = [
    path("companies/duplicates/", views.CompanyDuplicates.as_view(), name="company_duplicates"),
    path("contacts/duplicates/", views.ContactDuplicates.as_view(), name="contact_duplicates"),
    *pages(
        Company,
        prefix="companies",
        list=views.CompanyList,
        detail=views.CompanyDetail,
        create=views.CompanyCreate,
        edit=views.CompanyEdit,
    ),
    *pages(
        Contact,
        prefix="contacts",
        list=views.ContactList,
        detail=views.ContactDetail,
        create=views.ContactCreate,
        edit=views.ContactEdit,
    ),
]

"""Pages of companies and contacts."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.pages import Column, DetailPage, FormPage, ListPage, Page, Panel, Related
from parties import duplicates
from parties.filters import CompanyFilter, ContactFilter
from parties.forms import CompanyForm, ContactForm
from parties.models import Company, Contact


class OnlyWhatIsThere:
    """Related documents are shown where there are any: a page of empty cards says nothing."""

    related: Any
    always: tuple[str, ...] = ()

    def context(self, record: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().context(record)  # type: ignore[misc]
        kept = [str(r.title) for r in self.related if r.accessor in self.always]
        found["related"] = [group for group in found["related"] if group["rows"] or str(group["title"]) in kept]
        return found


class CompanyList(ListPage):
    model = Company
    columns = (
        Column("name", link=True),
        Column("city"),
        Column("sector", hide_on_phone=True),
        Column("vat_number", hide_on_phone=True),
        Column("email", hide_on_phone=True),
        Column("owner", kind="person", hide_on_phone=True),
        Column("created_at", kind="date", hide_on_phone=True),
    )
    filterset = CompanyFilter
    default_sort = "name"
    views = (
        (_("Customers"), "is_customer=true"),
        (_("Suppliers"), "is_supplier=true"),
        (pgettext_lazy("projects and companies", "Mine"), "mine=1"),
    )


class CompanyDetail(OnlyWhatIsThere, DetailPage):
    model = Company
    select_related = ("owner", "parent")
    panels = (
        Panel(
            _("For invoices"),
            ("vat_number", "tax_code", "sdi_code", "pec", "payment_days", "language"),
            icon="file-invoice",
        ),
        Panel(_("Address"), ("street", "postcode", "city", "province", ("country_name", _("Country"))), icon="map-pin"),
        Panel(
            _("About them"),
            (
                "sector",
                "employees",
                ("revenue", _("Annual revenue")),
                ("founded_year", _("Founded in")),
                "parent",
                "is_customer",
                "is_supplier",
                "notes",
            ),
            icon="info-circle",
        ),
        Panel(_("How to reach them"), ("email", "phone", "website"), icon="phone"),
    )
    related = (
        Related(
            _("Contacts"),
            "contacts",
            (Column("last_name", link=True), "first_name", "job_title"),
            create_url="/contacts/new/?company={pk}",
            permission="parties.view_contact",
        ),
        Related(
            _("Opportunities"),
            "opportunities",
            ("number", "name", "state", "value"),
            create_url="/opportunities/new/?company={pk}",
            permission="opportunities.view_opportunity",
        ),
        Related(_("Quotes"), "quotes", ("number", "title", "state", "gross"), permission="quotes.view_quote"),
        Related(_("Orders"), "orders", ("number", "state", "gross"), permission="orders.view_salesorder"),
        Related(_("Contracts"), "contracts", ("number", "state", "ends_on"), permission="orders.view_contract"),
        Related(_("Projects"), "projects", ("number", "name", "state"), permission="projects.view_project"),
        Related(_("Invoices"), "invoices", ("title", "number", "state", "gross"), permission="invoicing.view_invoice"),
        Related(
            _("Cases"),
            "cases",
            ("number", "title", "state"),
            create_url="/cases/new/?company={pk}",
            permission="customercare.view_case",
        ),
        Related(
            _("Purchase orders"),
            "purchase_orders",
            ("number", "state", "gross"),
            permission="purchasing.view_purchaseorder",
        ),
        Related(_("Subsidiaries"), "subsidiaries", ("name", "city")),
    )
    #: Shown even when empty.
    always = ("contacts", "opportunities")

    def create_url(self, record: Company, related: Related) -> str:
        """No button for what this user may not create."""
        action = "add_" + related.accessor.rstrip("s").replace("opportunitie", "opportunity")
        allowed = related.create_url and self.request.user.has_perm(f"{_APPS[related.accessor]}.{action}")
        return super().create_url(record, related) if allowed else ""


_APPS = {"contacts": "parties", "opportunities": "opportunities", "cases": "customercare"}


class CompanyFormPage(FormPage):
    """The form with the warning about duplicates under it."""

    model = Company
    form_class = CompanyForm
    template_name = "parties/company_form.html"


class CompanyCreate(CompanyFormPage):
    title = _("New company")


class CompanyEdit(CompanyFormPage):
    pass


class ContactList(ListPage):
    model = Contact
    columns = (
        Column("last_name", link=True),
        Column("first_name"),
        Column("company", link="company"),
        Column("job_title", hide_on_phone=True),
        Column("email", hide_on_phone=True),
        Column("phone", kind="phone"),
        Column("owner", kind="person", hide_on_phone=True),
    )
    filterset = ContactFilter
    default_sort = "last_name"
    views = ((pgettext_lazy("projects and companies", "Mine"), "mine=1"),)


class ContactDetail(OnlyWhatIsThere, DetailPage):
    model = Contact
    select_related = ("owner", "company")
    panels = (
        Panel(_("Person"), ("company", "job_title", "language"), icon="user"),
        Panel(_("How to reach them"), ("email", "phone", "mobile"), icon="phone"),
    )
    related = (
        Related(_("Leads"), "leads", ("company_name", "state"), permission="leads.view_lead"),
        Related(
            _("Opportunities"),
            "opportunities",
            ("number", "name", "state", "value"),
            permission="opportunities.view_opportunity",
        ),
        Related(_("Quotes"), "quotes", ("number", "title", "state", "gross"), permission="quotes.view_quote"),
        Related(_("Orders"), "orders", ("number", "state", "gross"), permission="orders.view_salesorder"),
        Related(_("Cases"), "cases", ("number", "title", "state"), permission="customercare.view_case"),
    )


class ContactFormPage(FormPage):
    model = Contact
    form_class = ContactForm
    template_name = "parties/contact_form.html"


class ContactCreate(ContactFormPage):
    title = _("New contact")


class ContactEdit(ContactFormPage):
    pass


class DuplicatesPage(Page):
    """A fragment for the form: who may be here already. Asked while somebody types."""

    template_name = "components/twins.html"
    fields: tuple[str, ...] = ()
    search: Any = None

    def get(self, request: HttpRequest) -> HttpResponse:
        given = {name: request.GET.get(name, "").strip()[:200] for name in self.fields}
        pk = request.GET.get("pk", "")
        exclude = int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else None
        twins = self.search(request.user, exclude=exclude, **given)
        return self.show({"twins": [{"twin": twin} for twin in twins], "twins_apart": True})


class CompanyDuplicates(DuplicatesPage):
    model = Company
    fields = duplicates.COMPANY
    search = staticmethod(duplicates.similar_companies)


class ContactDuplicates(DuplicatesPage):
    model = Contact
    fields = duplicates.CONTACT
    search = staticmethod(duplicates.similar_contacts)

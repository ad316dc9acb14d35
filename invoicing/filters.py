"""What invoices and contracts to invoice are narrowed by, in the address of their lists."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.filters import FilterSet
from invoicing.models import Invoice
from invoicing.reports import BUCKETS, in_bucket
from orders.models import Contract
from parties.models import Company

SHOW = (("open", _("To collect")), ("overdue", pgettext_lazy("invoices", "Overdue")), ("disputed", _("Disputed")))


class InvoiceFilter(FilterSet):
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Invoice.State.choices)
    show = django_filters.ChoiceFilter(label=_("Collection"), choices=SHOW, method="narrow_show")
    age = django_filters.ChoiceFilter(
        label=_("Age"), choices=[(key, bucket[0]) for key, bucket in BUCKETS.items()], method="narrow_age"
    )
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Invoice.Kind.choices)
    company = django_filters.ModelChoiceFilter(label=_("Company"), queryset=Company.objects.all())
    issued_on = django_filters.DateFromToRangeFilter(label=_("Date"))
    due_on = django_filters.DateFromToRangeFilter(label=_("Due on"))
    gross = django_filters.RangeFilter(label=_("Total"))

    class Meta:
        model = Invoice
        fields: tuple[str, ...] = ()

    def narrow_show(self, rows: Any, _name: str, value: str) -> QuerySet[Invoice]:
        if value == "disputed":
            return rows.unpaid().exclude(disputed_on=None)
        return rows.overdue(on=timezone.localdate()) if value == "overdue" else rows.unpaid()

    def narrow_age(self, rows: Any, _name: str, value: str) -> QuerySet[Invoice]:
        return rows.unpaid().filter(in_bucket(value, on=timezone.localdate()))


class ToInvoiceFilter(FilterSet):
    company = django_filters.ModelChoiceFilter(label=_("Company"), queryset=Company.objects.all())
    state = django_filters.MultipleChoiceFilter(label=_("State"), choices=Contract.State.choices[1:])

    class Meta:
        model = Contract
        fields: tuple[str, ...] = ()

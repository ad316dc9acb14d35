"""The lines of invoices and credit notes."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import ProductLine
from core import triggers
from core.history import tracked
from invoicing.models.documents import Invoice
from invoicing.models.guards import WithinContract
from invoicing.models.shares import share_of
from orders.models import ContractLine


@tracked()
class InvoiceLine(ProductLine):
    """A line of an invoice, and the contract line it bills."""

    invoice = models.ForeignKey(Invoice, on_delete=models.CASCADE, related_name="lines", verbose_name=_("invoice"))
    contract_line = models.ForeignKey(
        ContractLine, on_delete=models.PROTECT, null=True, editable=False, related_name="invoice_lines"
    )

    class Meta(ProductLine.Meta):
        verbose_name = _("invoice line")
        verbose_name_plural = _("invoice lines")
        triggers = [triggers.FrozenLines(parent="invoice", while_in=("draft",)), WithinContract()]

    def compute_net(self) -> Decimal:
        """Its share of the contract line, so that all parts together come to what was agreed, to the cent."""
        if self.contract_line is None or self.invoice.is_credit_note:
            return super().compute_net()
        return share_of(self.contract_line, self.quantity, besides=self.pk)

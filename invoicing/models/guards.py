"""Rules about invoices that PostgreSQL itself keeps: no code path, shell or bulk update gets around them."""

from typing import Any

import pgtrigger


class WithinContract(pgtrigger.Trigger):
    """The lines that bill a contract line never add up to more than was agreed, neither in quantity nor in amount.

    Lines of credited invoices and of credit notes do not count. The contract line is locked first, so that two invoices made
    at the same moment are counted one after the other.
    """

    def __init__(self, *, name: str = "within_contract") -> None:
        operation = pgtrigger.Insert | pgtrigger.Update
        condition = pgtrigger.Q(new__contract_line__isnull=False)
        super().__init__(name=name, when=pgtrigger.Before, operation=operation, condition=condition)

    def get_declare(self, model: Any) -> list[tuple[str, str]]:
        return [("bill", "RECORD"), ("agreed", "RECORD"), ("billed", "RECORD")]

    def get_func(self, model: Any) -> str:
        invoice: Any = model._meta.get_field("invoice")
        agreed: Any = model._meta.get_field("contract_line")
        lines, invoices = model._meta.db_table, invoice.related_model._meta.db_table
        # Table names come from the models: nothing of a user's gets in here.
        return f"""
            SELECT kind, contract_id INTO bill FROM "{invoices}" WHERE id = NEW.invoice_id;
            IF bill.kind <> 'invoice' THEN RETURN NEW; END IF;
            SELECT contract_id, quantity, net INTO agreed FROM "{agreed.related_model._meta.db_table}"
             WHERE id = NEW.contract_line_id FOR NO KEY UPDATE;
            SELECT COALESCE(SUM(line.quantity), 0) AS quantity, COALESCE(SUM(line.net), 0) AS net INTO billed
              FROM "{lines}" line JOIN "{invoices}" invoice ON invoice.id = line.invoice_id
             WHERE line.contract_line_id = NEW.contract_line_id AND line.id <> NEW.id
               AND invoice.kind = 'invoice' AND invoice.state <> 'credited';
            IF bill.contract_id IS DISTINCT FROM agreed.contract_id
               OR NEW.quantity * agreed.quantity <= 0
               OR NEW.net * agreed.net < 0
               OR ABS(billed.quantity + NEW.quantity) > ABS(agreed.quantity)
               OR ABS(billed.net + NEW.net) > ABS(agreed.net) THEN
                RAISE EXCEPTION 'zencrm: contract line % would be invoiced beyond what was agreed', NEW.contract_line_id
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """  # noqa: S608


class PaidAsRegistered(pgtrigger.Trigger):
    """What an invoice says was paid is the sum of its payments; its PDF is written once and then stays."""

    def __init__(self, *, name: str = "paid_as_registered") -> None:
        super().__init__(name=name, when=pgtrigger.Before, operation=pgtrigger.Update)

    def get_func(self, model: Any) -> str:
        payments: Any = model._meta.get_field("payments")
        return f"""
            IF NEW.paid IS DISTINCT FROM OLD.paid AND NEW.paid <> (
                SELECT COALESCE(SUM(amount), 0) FROM "{payments.related_model._meta.db_table}" WHERE invoice_id = NEW.id
            ) THEN
                RAISE EXCEPTION 'zencrm: invoice % says other payments than were registered', NEW.id
                    USING ERRCODE = 'check_violation';
            END IF;
            IF OLD.pdf_id IS NOT NULL AND NEW.pdf_id IS DISTINCT FROM OLD.pdf_id THEN
                RAISE EXCEPTION 'zencrm: the PDF of invoice % is what the customer got', NEW.id
                    USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        """  # noqa: S608

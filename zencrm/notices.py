"""Who is told of which event: the whole table, on one page. The bell and the daily mail show it to them."""

from activities.notifications import Kind, Notice, holders, owner

NOTICES: dict[str, Notice] = {
    "activity.scheduled": Notice(Kind.ASSIGNED, owner),
    "lead.assigned": Notice(Kind.ASSIGNED, owner),
    "mailing.called_off": Notice(Kind.OUTCOME, owner),
    "quote.submitted": Notice(Kind.APPROVAL, holders("quotes.approve_quote")),
    "quote.approved": Notice(Kind.OUTCOME, owner),
    "quote.rejected": Notice(Kind.OUTCOME, owner),
    "quote.viewed": Notice(Kind.OUTCOME, owner),
    "quote.accepted": Notice(Kind.OUTCOME, owner),
    "quote.declined": Notice(Kind.OUTCOME, owner),
    "quote.expired": Notice(Kind.OUTCOME, owner),
    "salesorder.validated": Notice(Kind.APPROVAL, holders("orders.approve_salesorder")),
    "salesorder.approved": Notice(Kind.OUTCOME, owner),
    "salesorder.rejected": Notice(Kind.OUTCOME, owner),
    "contract.signed": Notice(Kind.OUTCOME, owner),
    "project.completed": Notice(Kind.OUTCOME, owner),
    "purchaseorder.drafted": Notice(Kind.APPROVAL, holders("purchasing.approve_purchaseorder")),
    "purchaseorder.approved": Notice(Kind.OUTCOME, owner),
    "invoice.payment_registered": Notice(Kind.OUTCOME, owner),
    "case.reopened": Notice(Kind.OUTCOME, owner),
}

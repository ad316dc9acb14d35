"""What happens by itself because something else happened: the whole table, on one page.

Each function takes the event, touches only the database, and runs in the relay's transaction (see core/outbox.py).
"""

from activities.mail import receiving
from activities.notifications import notify
from core.outbox import Reaction
from invoicing import services as invoicing
from leads import scoring
from leads.assigning import giving
from leads.capture import mailing
from leads.nurture import resuming, signals, stopping
from leads.scoring import reacting
from orders import erp
from orders import services as orders
from quotes import services as quotes
from zencrm.notices import NOTICES

REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "activity.completed": (reacting.on_activity,),
    "activity.reopened": (reacting.on_activity,),
    "campaignmember.came": (reacting.on_member,),
    "campaignmember.reset": (reacting.on_member,),
    "contact.consent_withdrawn": (stopping.on_withdrawal,),
    "delivery.failed": (receiving.tell_of_failure, signals.on_failure),
    "email.received": (signals.on_mail, mailing.capture_of_mail),
    "lead.consent_withdrawn": (stopping.on_withdrawal,),
    # First scored, then assigned: rules may ask for the score.
    "lead.created": (scoring.score_on_event, giving.assign_on_event),
    "lead.qualified": (scoring.score_on_event,),
    "lead.converted": (stopping.on_conversion,),
    "lead.unconverted": (resuming.on_undoing,),
    "lead.lost": (stopping.on_loss,),
    "lead.merged": (scoring.score_on_event,),
    "quote.accepted": (orders.place_order_on_acceptance, quotes.tell_of_acceptance),
    "quote.declined": (quotes.tell_of_refusal,),
    "salesorder.approved": (erp.export_order,),
    "contract.closed": (orders.fulfil_order,),
    "contract.renewed": (orders.fulfil_order,),
    "sequence.closed": (stopping.on_close,),
    "invoice.issued": (invoicing.post_revenue, invoicing.print_soon),
}
for _name in NOTICES:
    REACTIONS[_name] = (*REACTIONS.get(_name, ()), notify)

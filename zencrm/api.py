"""Every document of the REST API, below /api/v1/, in the order of the process."""

from activities import notes_api
from activities.api import ActivityApi, EmailApi
from catalog.api import ProductApi
from core.api import routes
from customercare.api import CaseApi
from insights.api import CampaignApi
from invoicing.api import InvoiceApi
from leads.api import CampaignMemberApi, EnrolmentApi, LeadApi, MailingApi, SegmentApi, SequenceApi
from opportunities.api import OpportunityApi
from orders.api import ContractApi, SalesOrderApi
from parties.api import CompanyApi, ContactApi
from projects.api import ProjectApi
from purchasing.api import PurchaseOrderApi
from quotes.api import QuoteApi

APIS = (
    CompanyApi,
    ContactApi,
    ProductApi,
    LeadApi,
    CampaignApi,
    CampaignMemberApi,
    SegmentApi,
    SequenceApi,
    EnrolmentApi,
    MailingApi,
    OpportunityApi,
    QuoteApi,
    SalesOrderApi,
    ContractApi,
    ProjectApi,
    PurchaseOrderApi,
    InvoiceApi,
    CaseApi,
    ActivityApi,
    EmailApi,
)

app_name = "api"
urlpatterns = routes(APIS, more=notes_api.routes())

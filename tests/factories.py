"""One factory per model; documents come in any state: `LeadFactory(state="qualified")`."""

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from activities.models import Activity, Email, MailTemplate, Note
from catalog.models import Product
from core.models import File, ImportRun, Purpose, PurposeText
from core.money import Money
from customercare.models import Case
from invoicing.models import Invoice, InvoiceLine
from leads.models import (
    AssignmentMember,
    AssignmentRule,
    Campaign,
    CampaignMember,
    Enrolment,
    Lead,
    LeadScore,
    Mailing,
    Segment,
    Sequence,
    SequenceStep,
    WebForm,
)
from opportunities.models import Opportunity
from orders.models import Contract, ContractLine, SalesOrder, SalesOrderLine
from parties.models import Company, Contact
from people.models import CostRate, Employee, Team, User, WorkingCalendar
from projects.models import Project
from purchasing.models import PurchaseOrder, PurchaseOrderLine
from quotes.models import Quote, QuoteLine


class TeamFactory(DjangoModelFactory[Team]):
    class Meta:
        model = Team
        django_get_or_create = ("name",)

    name = "Vendite"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    first_name = "Ada"
    last_name = factory.Sequence(lambda n: f"Rossi {n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.it")
    language = "en"


class EmployeeFactory(DjangoModelFactory[Employee]):
    class Meta:
        model = Employee

    first_name = "Luca"
    last_name = factory.Sequence(lambda n: f"Bianchi {n}")
    hired_on = date(2020, 1, 1)


class CostRateFactory(DjangoModelFactory[CostRate]):
    class Meta:
        model = CostRate

    employee = factory.SubFactory(EmployeeFactory)
    starts_on = date(2020, 1, 1)
    hourly_cost = Decimal("32.50")


class CompanyFactory(DjangoModelFactory[Company]):
    class Meta:
        model = Company

    name = factory.Sequence(lambda n: f"Officine Meccaniche {n} S.r.l.")
    vat_number = "00743110157"
    street = "Via Roma 1"
    postcode = "20121"
    city = "Milano"
    province = "MI"
    sdi_code = "ABC1234"
    email = factory.Sequence(lambda n: f"info{n}@officine.example")


class ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    first_name = "Giulia"
    last_name = factory.Sequence(lambda n: f"Verdi {n}")
    company = factory.SubFactory(CompanyFactory)
    email = factory.Sequence(lambda n: f"giulia{n}@officine.example")


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product

    code = factory.Sequence(lambda n: f"P{n:04d}")
    name = factory.Sequence(lambda n: f"Pompa {n}")
    list_price = Decimal("100.00")
    cost = Decimal("60.00")


class CampaignFactory(DjangoModelFactory[Campaign]):
    class Meta:
        model = Campaign

    name = factory.Sequence(lambda n: f"Fiera {n}")


class LeadFactory(DjangoModelFactory[Lead]):
    class Meta:
        model = Lead

    company_name = factory.Sequence(lambda n: f"Tornerie {n} S.p.A.")
    first_name = "Marco"
    last_name = "Neri"
    email = factory.Sequence(lambda n: f"marco{n}@tornerie.example")
    phone = "+39 02 1234567"

    @classmethod
    def _create(cls, model_class: type[Lead], *args: Any, score: int | None = None, **kwargs: Any) -> Lead:
        """With `score`, as if it had been worked out."""
        lead: Lead = super()._create(model_class, *args, **kwargs)
        if score is not None:
            LeadScore.objects.filter(lead=lead).update(score=score)
        return lead


class WorkingCalendarFactory(DjangoModelFactory[WorkingCalendar]):
    class Meta:
        model = WorkingCalendar

    name = factory.Sequence(lambda n: f"Sede {n}")


class AssignmentRuleFactory(DjangoModelFactory[AssignmentRule]):
    """Active for ever, for every lead; its people are `members`: {user: weight}."""

    class Meta:
        model = AssignmentRule
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Regola {n}")
    position = factory.Sequence(lambda n: n + 1)
    active = True
    active_since = datetime(2020, 1, 1, tzinfo=UTC)

    @factory.post_generation
    def members(self, create: bool, extracted: dict[User, int] | None, **_more: Any) -> None:
        for user, weight in (extracted or {}).items():
            AssignmentMember.objects.create(rule=self, user=user, weight=weight)


class WebFormFactory(DjangoModelFactory[WebForm]):
    class Meta:
        model = WebForm

    name = factory.Sequence(lambda n: f"Modulo {n}")
    title = "Chiedi un preventivo"
    language = "en"
    double_opt_in = False
    fields = factory.LazyFunction(
        lambda: [
            {"name": "last_name", "required": True},
            {"name": "email", "required": True},
            {"name": "phone", "required": False},
            {"name": "company_name", "required": False},
            {"name": "message", "required": False},
        ]
    )


class PurposeFactory(DjangoModelFactory[Purpose]):
    """With the words people agree to."""

    class Meta:
        model = Purpose
        django_get_or_create = ("code",)
        skip_postgeneration_save = True

    code = "newsletter"
    name = factory.LazyAttribute(lambda purpose: purpose.code.title())

    @factory.post_generation
    def words(self, create: bool, extracted: Any, **_more: Any) -> None:
        facts = {"text_it": "Acconsento.", "text_en": "I agree."}
        PurposeText.objects.get_or_create(purpose=self, version=1, defaults=facts)


class MailTemplateFactory(DjangoModelFactory[MailTemplate]):
    class Meta:
        model = MailTemplate

    name = factory.Sequence(lambda n: f"Template {n}")
    title_it = "Novità da {{ us.name }}"
    text_it = "{{ recipient.greeting }}\n\nil programma: https://www.aquaflux.example/fiera?a=1&b=2. A presto"
    title_en = "News from {{ us.name }}"
    text_en = "{{ recipient.greeting }}\n\nthe programme: https://www.aquaflux.example/fair. See you"


class SegmentFactory(DjangoModelFactory[Segment]):
    class Meta:
        model = Segment

    name = factory.Sequence(lambda n: f"Segment {n}")


class SequenceFactory(DjangoModelFactory[Sequence]):
    """With one mail, at once and at any hour."""

    class Meta:
        model = Sequence
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Sequence {n}")
    purpose = factory.SubFactory(PurposeFactory)
    working_days = False
    from_hour, to_hour = 0, 24

    @factory.post_generation
    def mails(self, create: bool, extracted: Any, **_more: Any) -> None:
        for position in range(1, (1 if extracted is None else extracted) + 1) if create else ():
            SequenceStep.objects.create(sequence=self, position=position, template=MailTemplateFactory())


class EnrolmentFactory(DjangoModelFactory[Enrolment]):
    class Meta:
        model = Enrolment

    sequence = factory.SubFactory(SequenceFactory, state="active")
    subject = factory.SubFactory(LeadFactory)
    email = factory.LazyAttribute(lambda enrolment: enrolment.subject.email.lower())


class MailingFactory(DjangoModelFactory[Mailing]):
    class Meta:
        model = Mailing

    name = factory.Sequence(lambda n: f"Mailing {n}")
    purpose = factory.SubFactory(PurposeFactory)
    segment = factory.SubFactory(SegmentFactory)
    template = factory.SubFactory(MailTemplateFactory)


class CampaignMemberFactory(DjangoModelFactory[CampaignMember]):
    """Belongs to whom its lead belongs to: `owner` is the lead's."""

    class Meta:
        model = CampaignMember
        exclude = ("owner",)

    owner = None
    campaign = factory.SubFactory(CampaignFactory)
    lead = factory.SubFactory(LeadFactory, owner=factory.SelfAttribute("..owner"))


class OpportunityFactory(DjangoModelFactory[Opportunity]):
    class Meta:
        model = Opportunity

    number = factory.Sequence(lambda n: f"OP 2026/{n + 5000}")
    name = "Impianto di pompaggio"
    company = factory.SubFactory(CompanyFactory)
    value = Decimal("10000.00")


class _PricedFactory(DjangoModelFactory[Any]):
    """A document with two lines of 1,000.00 net; `line_count=0` makes none. Lines are written before the state freezes them."""

    class Meta:
        abstract = True

    _line_model: Any = None
    _parent: str = ""

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        count, state = kwargs.pop("line_count", 2), kwargs.pop("state", None)
        document = model_class(**kwargs)
        currency = kwargs.get("currency", "EUR")
        document.net, document.vat, document.gross = (Money(n * count, currency) for n in (1000, 220, 1220))
        final = state or document.state
        document.__dict__["state"] = "draft"
        held = {name: document.__dict__[name] for name in cls.late_fields() if name in document.__dict__}
        for name in held:
            setattr(document, name, None)
        document.save()
        for position in range(count):
            cls._line_model(
                **{cls._parent: document},
                position=position,
                description=f"Pompa {position}",
                quantity=10,
                unit_price=100,
                unit_cost=60,
            ).save()
        _force(document, final, held)
        return document

    @classmethod
    def late_fields(cls) -> tuple[str, ...]:
        return ()


def _force(document: Any, state: str, held: dict[str, Any]) -> None:
    """Put a document into a state without walking there: tests start anywhere."""
    import pgtrigger

    label = document._meta.label
    with pgtrigger.ignore(f"{label}:legal_moves"):
        type(document)._base_manager.filter(pk=document.pk).update(state=state, **held)
    document.refresh_from_db()


class QuoteFactory(_PricedFactory):
    class Meta:
        model = Quote

    _line_model, _parent = QuoteLine, "quote"
    number = factory.Sequence(lambda n: f"PV 2026/{n + 5000}")
    opportunity = factory.SubFactory(OpportunityFactory, state="proposal")
    company = factory.LazyAttribute(lambda quote: quote.opportunity.company)
    thread = factory.LazyAttribute(lambda quote: quote.opportunity.thread)
    customer_name = factory.LazyAttribute(lambda quote: quote.company.name)
    customer_vat_number = factory.LazyAttribute(lambda quote: quote.company.vat_number)
    title = "Impianto di pompaggio"


class SalesOrderFactory(_PricedFactory):
    class Meta:
        model = SalesOrder

    _line_model, _parent = SalesOrderLine, "order"
    number = factory.Sequence(lambda n: f"OV 2026/{n + 5000}")
    quote = factory.SubFactory(QuoteFactory, state="accepted")
    opportunity = factory.LazyAttribute(lambda order: order.quote.opportunity)
    company = factory.LazyAttribute(lambda order: order.quote.company)
    thread = factory.LazyAttribute(lambda order: order.quote.thread)
    customer_name = factory.LazyAttribute(lambda order: order.company.name)
    title = "Impianto di pompaggio"


class ContractFactory(_PricedFactory):
    class Meta:
        model = Contract

    _line_model, _parent = ContractLine, "contract"
    number = factory.Sequence(lambda n: f"CT 2026/{n + 5000}")
    order = factory.SubFactory(SalesOrderFactory, state="contracted")
    company = factory.LazyAttribute(lambda contract: contract.order.company)
    thread = factory.LazyAttribute(lambda contract: contract.order.thread)
    customer_name = factory.LazyAttribute(lambda contract: contract.company.name)
    customer_vat_number = factory.LazyAttribute(lambda contract: contract.company.vat_number)
    title = "Impianto di pompaggio"


class ProjectFactory(DjangoModelFactory[Project]):
    class Meta:
        model = Project

    number = factory.Sequence(lambda n: f"CM 2026/{n + 5000}")
    contract = factory.SubFactory(ContractFactory, state="active")
    company = factory.LazyAttribute(lambda project: project.contract.company)
    thread = factory.LazyAttribute(lambda project: project.contract.thread)
    name = "Impianto di pompaggio"


class PurchaseOrderFactory(_PricedFactory):
    class Meta:
        model = PurchaseOrder

    _line_model, _parent = PurchaseOrderLine, "order"
    number = factory.Sequence(lambda n: f"OF 2026/{n + 5000}")
    supplier = factory.SubFactory(CompanyFactory, is_supplier=True)
    title = "Motori elettrici"


_numbers = itertools.count(5000)


class InvoiceFactory(_PricedFactory):
    """From `state="issued"` on it gets a number and dates, as the database demands."""

    class Meta:
        model = Invoice

    _line_model, _parent = InvoiceLine, "invoice"
    contract = factory.SubFactory(ContractFactory, state="active")
    company = factory.LazyAttribute(lambda invoice: invoice.contract.company)
    thread = factory.LazyAttribute(lambda invoice: invoice.contract.thread)
    customer_name = factory.LazyAttribute(lambda invoice: invoice.company.name)
    customer_vat_number = factory.LazyAttribute(lambda invoice: invoice.company.vat_number)
    title = "Impianto di pompaggio"

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("state", "draft") != "draft":
            today = timezone.localdate()
            kwargs.setdefault("number", f"FT 2026/{next(_numbers)}")
            kwargs.setdefault("issued_on", today)
            kwargs.setdefault("due_on", today)
        return super()._create(model_class, *args, **kwargs)

    @classmethod
    def late_fields(cls) -> tuple[str, ...]:
        return ("number", "issued_on", "due_on")


class CaseFactory(DjangoModelFactory[Case]):
    class Meta:
        model = Case

    number = factory.Sequence(lambda n: f"TK 2026/{n + 5000}")
    company = factory.SubFactory(CompanyFactory)
    title = "La pompa vibra"


class ActivityFactory(DjangoModelFactory[Activity]):
    """Something to do about `subject` (a lead unless said), due today."""

    class Meta:
        model = Activity

    summary = "Richiamare il cliente"
    owner = factory.SubFactory(UserFactory)
    subject = factory.SubFactory(LeadFactory)


class NoteFactory(DjangoModelFactory[Note]):
    class Meta:
        model = Note
        skip_postgeneration_save = True

    body = "Ha chiesto uno sconto"
    author = factory.SubFactory(UserFactory)
    subject = factory.SubFactory(LeadFactory)


class EmailFactory(DjangoModelFactory[Email]):
    class Meta:
        model = Email

    direction = "out"
    subject = factory.SubFactory(LeadFactory)
    owner = factory.SubFactory(UserFactory)
    title = "Pompe per il nuovo impianto"
    text = "Buongiorno,\nin allegato il catalogo."
    sender = "crm@localhost"
    to = ["giulia@officine.example"]
    message_id = factory.Sequence(lambda n: f"<{n}@tests.example>")


class ImportRunFactory(DjangoModelFactory[ImportRun]):
    class Meta:
        model = ImportRun

    owner = factory.SubFactory(UserFactory)
    kind = "leads"
    name = "fair.csv"
    file = factory.LazyAttribute(
        lambda run: File.store(name=run.name, mime="text/csv", content=b"Azienda,E-mail\nAlfa,a@alfa.it\nBeta,nobody\n")
    )
    reading = factory.LazyFunction(lambda: {"encoding": "utf-8", "delimiter": ","})
    total = 2

"""Who the demo company deals with: products, campaigns, customers, prospects, suppliers and their people."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from catalog.models import Product
from leads.models import Campaign, CampaignCost
from parties.models import Company, Contact
from zencrm.demo import fields, identifiers
from zencrm.demo.catalogue import PRODUCTS
from zencrm.demo.vocabulary import (
    CAMPAIGN_COSTS,
    CAMPAIGNS,
    COMPANY_NAMES,
    FIRST_NAMES,
    JOB_TITLES,
    LAST_NAMES,
    LEGAL_FORMS,
    SECTORS,
    STREETS,
    TOWNS,
)
from zencrm.demo.world import World


@dataclass
class Firm:
    """A company as the story knows it, whether it is in the books already or not."""

    name: str
    sector: str
    street: str
    town: tuple[str, str, str]
    vat_number: str
    domain: str
    key: int = 0
    contact_key: int = 0
    person: tuple[str, str] = ("", "")

    def address(self) -> dict[str, str]:
        city, province, postcode = self.town
        return {"street": self.street, "postcode": postcode, "city": city, "province": province, "country": "IT"}

    def snapshot(self) -> dict[str, str]:
        """The customer's data as documents keep them."""
        return self.address() | {
            "customer_name": self.name,
            "customer_vat_number": self.vat_number,
            "customer_tax_code": self.vat_number,
            "language": "it",
        }


def make_products() -> list[Product]:
    """The catalogue; products that exist are left as they are."""
    for code, name, family, kind, unit, price, cost in PRODUCTS:
        Product.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "family": family,
                "kind": kind,
                "unit": unit,
                "list_price": Decimal(price),
                "cost": Decimal(cost),
            },
        )
    return list(Product.objects.filter(code__in=[row[0] for row in PRODUCTS]).order_by("code"))


def make_campaigns(world: World) -> list[tuple[int, str, date]]:
    """(key, channel, first day) of each campaign, two years' worth."""
    if existing := list(
        Campaign.objects.exclude(state__in=("planned", "cancelled"))
        .exclude(starts_on=None)
        .values_list("pk", "channel", "starts_on")
    ):
        return existing
    found = []
    for turn, (name, channel, budget, days, kind) in enumerate(CAMPAIGNS * 2):
        first = world.workday(world.today - timedelta(days=700 - turn * 43))
        last = first + timedelta(days=days)
        key = world.tables[Campaign].add(
            name=f"{name} {first:%Y}" if turn < len(CAMPAIGNS) else f"{name} {first:%Y} bis",
            kind=kind,
            state="planned" if first > world.today else "running" if last >= world.today else "finished",
            channel=channel,
            starts_on=first,
            ends_on=last,
            budget=Decimal(budget),
            currency="EUR",
            owner_id=world.people["marketing"].pk,
            created_at=world.moment(first - timedelta(days=30)),
        )
        _spend(world, key, kind, first, Decimal(budget) * Decimal(str(round(world.rng.uniform(0.82, 1.12), 2))))
        found.append((key, channel, first))
    _not_yet_and_never(world)
    return found


def _not_yet_and_never(world: World) -> None:
    """A fair to come, and one that was called off: nobody came by them."""
    for name, state, days in (("Fiera Ecomondo", "planned", 45), ("Fiera di Verona", "cancelled", -120)):
        first = world.workday(world.today + timedelta(days=days))
        world.tables[Campaign].add(
            name=f"{name} {first:%Y}",
            kind="event",
            state=state,
            channel="Fiera",
            starts_on=first,
            ends_on=first + timedelta(days=3),
            budget=Decimal(9000),
            currency="EUR",
            owner_id=world.people["marketing"].pk,
            created_at=world.moment(min(first, world.today) - timedelta(days=40)),
        )


def _spend(world: World, campaign: int, kind: str, first: date, whole: Decimal) -> None:
    """What the campaign was billed for so far; its sum is kept by the database."""
    for number, (what, percent, days) in enumerate(CAMPAIGN_COSTS[kind], 1):
        on = first + timedelta(days=days)
        if on <= world.today:
            amount = (whole * percent / 100).quantize(Decimal("0.01"))
            reference = f"FT {campaign * 10 + number}/{on:%Y}"
            world.tables[CampaignCost].add(
                campaign_id=campaign, on=on, what=what, amount=amount, reference=reference, created_at=world.moment(on)
            )


def invent_firm(world: World) -> Firm:
    rng = world.rng
    sector, words = rng.choice(SECTORS)
    root = rng.choice(COMPANY_NAMES)
    trade = rng.choice(words)
    suffix = "" if world.chance(0.55) else f" {rng.choice(LAST_NAMES)}"
    name = f"{trade} {root}{suffix} {rng.choice(LEGAL_FORMS)}"
    slug = "".join(c for c in f"{trade}{root}{suffix}".lower() if c.isascii() and c.isalnum())
    return Firm(
        name=name,
        sector=sector,
        street=f"{rng.choice(STREETS)} {rng.randint(1, 180)}",
        town=rng.choice(TOWNS),
        vat_number=identifiers.vat_number(rng),
        domain=f"{slug}.example",
        person=(rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)),
    )


def email_of(firm: Firm, person: tuple[str, str]) -> str:
    first, last = ("".join(c for c in part.lower() if c.isascii() and c.isalnum()) for part in person)
    return f"{first}.{last}@{firm.domain}"


def enter(world: World, firm: Firm, *, on: date, owner: int, customer: bool = True) -> None:
    """Put a firm and its first contact into the books."""
    rng = world.rng
    firm.key = world.tables[Company].add(
        **firm.address(),
        name=firm.name,
        vat_number=firm.vat_number,
        tax_code=firm.vat_number,
        sdi_code=identifiers.sdi_code(rng),
        pec=f"amministrazione@pec.{firm.domain}",
        email=f"info@{firm.domain}",
        phone=identifiers.phone(rng),
        website=f"https://www.{firm.domain}",
        sector=firm.sector,
        employees=int(rng.lognormvariate(3.6, 1.0)) + 1,
        annual_revenue=Decimal(int(rng.lognormvariate(15.2, 1.1))),
        founded=rng.randint(1948, 2019),
        payment_days=rng.choice((30, 30, 60, 60, 90)),
        is_customer=customer,
        is_supplier=not customer,
        owner_id=owner,
        created_at=world.moment(on),
        **fields.of_company(world.dice),
    )
    firm.contact_key = add_contact(world, firm, firm.person, on=on, owner=owner)
    if world.chance(0.5):
        add_contact(world, firm, (rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)), on=on, owner=owner)
    world.payers[firm.key] = int(rng.gauss(6, 14))


def add_contact(world: World, firm: Firm, person: tuple[str, str], *, on: date, owner: int) -> int:
    return world.tables[Contact].add(
        first_name=person[0],
        last_name=person[1],
        company_id=firm.key,
        job_title=world.rng.choice(JOB_TITLES),
        email=email_of(firm, person),
        phone=identifiers.phone(world.rng),
        mobile=identifiers.mobile(world.rng),
        owner_id=owner,
        created_at=world.moment(on),
    )

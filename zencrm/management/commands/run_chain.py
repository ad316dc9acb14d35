"""Walk deals that were won elsewhere through every verb, to a paid invoice and a closed contract."""

import time
from argparse import ArgumentParser
from collections import Counter
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from core import identity
from core.lifecycle import Refused
from opportunities.models import Opportunity
from parties.models import Company
from zencrm import chain
from zencrm.demo import identifiers
from zencrm.demo.vocabulary import STREETS, TOWNS


class Command(BaseCommand):
    help = "Takes imported deals that the source system calls won, and walks each through the whole chain."

    SET = "Set ZENCRM_COMPANY_NAME, _STREET, _CITY and _VAT_NUMBER (docs/deploy.md), or try it with DEMO=1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--won", type=int, default=500, help="how many deals (default 500)")
        parser.add_argument("--no-post", action="store_true", help="print and mail no quotes")

    def handle(self, *args: Any, won: int, no_post: bool, **options: Any) -> None:
        if gaps := identity.own().billing_gaps:
            with translation.override("en"):
                wanted = ", ".join(map(str, gaps))
            raise CommandError(f"No invoice could be issued: our own company lacks {wanted}. {self.SET}")
        deals = self.deals(won)
        completed = self.complete({deal.company for deal in deals})
        if completed:
            self.stdout.write(
                f"{completed} companies lacked what an invoice needs: completed with invented, valid data."
            )
        started, refusals, invoiced = time.monotonic(), Counter[str](), Decimal(0)
        crew = chain.Crew.found()
        for turn, deal in enumerate(deals, start=1):
            try:
                invoice = chain.walk_deal(deal, crew, lines=[self.line(deal)], post=not no_post)
                invoiced += invoice.net.amount
            except (Refused, PermissionDenied, ValidationError) as error:
                refusals[str(error)] += 1
                self.stderr.write(f"{deal.number}: {error}")
            if turn % 50 == 0 or turn == len(deals):
                self.stdout.write(f"{turn}/{len(deals)} deals, {turn / (time.monotonic() - started):.1f} a second")
        self.report(deals, invoiced, refusals, time.monotonic() - started)

    def deals(self, count: int) -> list[Opportunity]:
        """Open opportunities that the system they come from calls won, oldest first."""
        rows = Opportunity.objects.won_elsewhere().filter(state__in=("identified", "qualified"), value__gt=0)
        return list(rows.select_related("company", "product", "contact").order_by("pk")[:count])

    def complete(self, companies: set[Company]) -> int:
        """What an office would ask the customer for before invoicing, invented here: address, VAT number, e-mail."""
        import random

        rng, changed = random.Random(1), 0  # noqa: S311  (invented data)
        for company in sorted(companies, key=lambda company: company.pk):
            if company.billing_gaps or not company.email:
                city, province, postcode = rng.choice(TOWNS)
                company.street, company.postcode, company.city = (
                    f"{rng.choice(STREETS)} {rng.randint(1, 99)}",
                    postcode,
                    city,
                )
                company.province, company.country = province, "IT"
                company.vat_number = company.vat_number or identifiers.vat_number(rng)
                company.email = company.email or f"office{company.pk}@customer.example"
                company.save()
                changed += 1
        return changed

    def line(self, deal: Opportunity) -> dict[str, Any]:
        """One line worth what the deal was closed at."""
        product = deal.product
        cost = min(product.cost.amount, deal.value.amount) if product else Decimal(0)
        return {
            "product": product,
            "description": product.name if product else deal.name,
            "quantity": Decimal(1),
            "unit_price": deal.value.amount,
            "unit_cost": cost,
        }

    def report(self, deals: list[Opportunity], invoiced: Decimal, refusals: Counter[str], seconds: float) -> None:
        done = len(deals) - sum(refusals.values())
        expected = sum((deal.value.amount for deal in deals), Decimal(0))
        for reason, count in refusals.most_common():
            self.stdout.write(f"{count:>6} x refused: {reason}")
        rate = done / seconds if seconds else 0
        self.stdout.write(f"{done} of {len(deals)} deals walked in {seconds:.1f} s: {rate:.2f} a second.")
        self.stdout.write(f"Won {expected:.2f}, invoiced {invoiced:.2f}, difference {expected - invoiced:.2f}.")

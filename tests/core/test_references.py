"""What points at a record is found from the models: a child that nobody thought of is among them."""

import pytest
from django.apps import apps
from django.contrib.contenttypes.fields import GenericForeignKey

from activities.models import Activity
from core.models import Delivery, Event, Record, Thread
from core.references import Reference, generic_references, references_to
from leads.models import Lead
from orders.models import Contract
from parties.models import Company, Contact
from tests.factories import ActivityFactory, CompanyFactory, ContactFactory, LeadFactory, QuoteFactory

#: Rows that triggers make and take away with the record: they are part of it, and no child that could move.
KEPT_BY_TRIGGERS = {"leads.leadscore.lead"}
RECORDS = [model for model in apps.get_models() if issubclass(model, Record)]


@pytest.mark.parametrize("target", [*RECORDS, Thread], ids=lambda model: model._meta.label)
def test_every_key_and_every_generic_relation_is_found(target):
    """The other way round: from each column of each model, instead of from the record's own relations."""
    found = {reference.name for reference in references_to(target)}
    for model in apps.get_models(include_auto_created=True):
        if hasattr(model, "pgh_tracked_model") or model._meta.proxy or not model._meta.managed:
            continue
        for column in model._meta.concrete_fields:
            if column.is_relation and column.related_model is target:
                name = f"{model._meta.label_lower}.{column.name}"
                assert (name in found) is (name not in KEPT_BY_TRIGGERS)
        for key in model._meta.private_fields:
            if isinstance(key, GenericForeignKey):
                assert f"{model._meta.label_lower}.{key.fk_field}" in found


def test_known_ones():
    names = {reference.name for reference in references_to(Company)}
    assert {
        "parties.company.parent",
        "parties.contact.company",
        "quotes.quote.company",
        "core.event.subject_id",
    } <= names
    assert not any("event.pgh_obj" in name for name in names)
    assert "core.delivery.thread" in {reference.name for reference in references_to(Thread)}
    models = {reference.model for reference in generic_references()}
    assert {Activity, Event, Delivery} <= models


@pytest.mark.django_db
def test_rows():
    quote, other = QuoteFactory(), QuoteFactory()
    company = quote.company
    lead, contact = LeadFactory(company=company), ContactFactory(company=company)
    activity = ActivityFactory(subject=company)
    ActivityFactory(subject=LeadFactory(pk=company.pk + 100_000))
    rows = {reference.name: list(reference.rows(Company, company.pk)) for reference in references_to(Company)}
    assert rows["quotes.quote.company"] == [quote]
    assert rows["leads.lead.company"] == [lead]
    assert rows["parties.contact.company"] == [contact]
    assert rows["activities.activity.subject_id"] == [activity]
    both = Reference(type(quote), "company").rows(Company, [company.pk, other.company_id])
    assert set(both) == {quote, other}
    assert not Reference(Contract, "contact").rows(Contact, contact.pk).exists()
    assert not rows["parties.company.parent"] and CompanyFactory(parent=company) in Company.objects.filter(
        parent=company
    )
    assert "opportunities.opportunity.lead" in {reference.name for reference in references_to(Lead)}

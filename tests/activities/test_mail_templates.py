"""Templates: only what is declared is merged, in the customer's language; costs never; who writes them."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.urls import reverse

from activities.models import MailTemplate
from core import letters
from tests.factories import CompanyFactory, ContactFactory, InvoiceFactory, LeadFactory, QuoteFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(cast):
    return LeadFactory(
        owner=cast.sales, first_name="Giulia", last_name="Verdi", email="giulia@cliente.example", language="it",
        company_name="Cliente S.r.l.",
    )  # fmt: skip


@pytest.fixture
def template(db):
    return MailTemplate.objects.create(
        name="First contact",
        title_it="Il Suo interesse per {{ us.name }}",
        text_it="{{ recipient.greeting }}\n\ngrazie, {{ sender.name }}",
        title_en="Your interest",
        text_en="{{ recipient.greeting }}\n\nthank you.",
    )


def write_url(record):
    return reverse("activities:email_about", args=[record._meta.app_label, record._meta.model_name, record.pk])


# --- Templates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "{{ margin }}",
        "{{ company.owner.password }}",
        "{{ recipient.__class__ }}",
        "{{ record.delete }}",
        "{% load static %}",
        "{{ number|upper }}",
        "{{ number",
        "{{}}",
    ],
)
def test_only_declared_placeholders_are_kept(text):
    kind = ContentType.objects.get_for_model(QuoteFactory._meta.model)
    template = MailTemplate(name="x", subject_type=kind, title_it="x", text_it=text)
    with pytest.raises(ValidationError) as error:
        template.full_clean()
    assert "text_it" in error.value.message_dict


def test_a_template_is_whole_in_one_language():
    with pytest.raises(ValidationError):
        MailTemplate(name="x", title_it="Only a subject").full_clean()
    with pytest.raises(ValidationError):
        MailTemplate(name="x", title_it="A", text_it="B", title_en="Only a subject").full_clean()
    MailTemplate(name="x", title_en="A", text_en="B").full_clean()


def test_no_kind_of_record_offers_a_cost():
    for declared in letters.all_letters():
        costs = getattr(declared.model, "COST_FIELDS", ())
        assert not set(declared.own) & set(costs)
    with pytest.raises(ValueError, match="cost"):
        letters.Letters(QuoteFactory._meta.model, ("margin",))
    with pytest.raises(ValueError, match="cost"):
        letters.Letters(InvoiceFactory._meta.model, ("contract.margin_percent",))


def test_every_placeholder_of_every_kind_can_be_filled_in(cast):
    quote = QuoteFactory(state="sent")
    records = {type(r): r for r in (quote, LeadFactory(), CompanyFactory(), ContactFactory(), InvoiceFactory())}
    for declared in letters.all_letters():
        if record := records.get(declared.model):
            text = "\n".join(f"{{{{ {name} }}}}" for name in letters.offered(declared.model))
            written = letters.merge(text, letters.Context(record, cast.sales, declared.persons(record)[0], "it"))
            assert "{{" not in written


def test_what_is_filled_in_is_not_read_again(cast, lead):
    lead.company_name = "{{ sender.email }}"
    assert letters.merge("{{ company_name }}", letters.Context(lead, cast.sales)) == "{{ sender.email }}"


def test_the_customers_language_chooses_the_text_and_the_writer_may_change_it(cast, client_of, lead, template):
    client = client_of(cast.sales)
    page = client.get(write_url(lead), {"template": template.pk}).text
    assert "Gentile Giulia Verdi," in page
    assert "grazie, Sales Test" in page
    english = client.get(write_url(lead), {"template": template.pk, "language": "en"}, headers={"HX-Target": "letter"})
    assert "Dear Giulia Verdi," in english.text
    assert "<html" not in english.text


def test_a_quotes_amounts_are_written_as_its_customer_writes_them(cast):
    quote = QuoteFactory(state="sent", language="it")
    context = letters.Context(quote, cast.sales, language="it")
    text = letters.merge("{{ gross }} {{ valid_until }} {{ public_url }}", context)
    assert "€" in text and quote.token in text
    english = letters.merge("{{ gross }}", letters.Context(quote, cast.sales, language="en"))
    assert english.startswith("€") and english != text.split()[0]


def test_what_had_nothing_to_fill_in_is_said(cast, client_of, lead):
    template = MailTemplate.objects.create(
        name="t", title_it="x", text_it="{{ campaign.name }}", subject_type=ContentType.objects.get_for_model(lead)
    )
    page = client_of(cast.sales).get(write_url(lead), {"template": template.pk}).text
    assert "nothing to fill in" in page and "{{ campaign.name }}" in page


def test_templates_of_another_kind_are_not_offered(cast, client_of, lead):
    quotes = ContentType.objects.get_for_model(QuoteFactory._meta.model)
    other = MailTemplate.objects.create(name="Of quotes", subject_type=quotes, title_it="x", text_it="y")
    client = client_of(cast.sales)
    assert "Of quotes" not in client.get(write_url(lead)).text
    assert client.get(write_url(lead), {"template": other.pk}).status_code == 404


def test_templates_are_written_by_those_who_may(cast, client_of):
    facts = {"name": "New", "title_it": "Oggetto", "text_it": "{{ recipient.greeting }}", "is_active": "on"}
    url = reverse("activities:mailtemplate_create")
    assert client_of(cast.sales).post(url, facts).status_code == 403
    client = client_of(cast.manager)
    assert "{{ contact.first_name }}" in client.get(url).text
    assert client.post(url, facts | {"text_it": "{{ secret }}"}).status_code == 422
    assert client.post(url, facts).status_code == 302
    made = MailTemplate.objects.get(name="New")
    assert client.get(made.get_absolute_url()).status_code == 200
    assert client.post(made.edit_url, facts | {"name": "Newer"}).status_code == 302

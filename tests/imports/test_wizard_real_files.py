"""The real files through the wizard as they are: what fits goes in, the dirty ones are refused with the row and the reason."""

import pytest

from core.models import ImportRun
from leads.models import Lead
from opportunities.models import Opportunity
from parties.models import Company
from tests.imports.wizard import bring_in, mapping_form, the_run, upload

# Batches commit, as they do in life: in one transaction the tallies of leads would grow with every row.
pytestmark = pytest.mark.django_db(transaction=True)


def content(shared, path):
    return (shared / "data" / path).read_bytes()


def test_xeducation(shared, cast, client_of):
    run = bring_in(
        client_of(cast.admin),
        content(shared, "xeducation/leads_train.csv"),
        **{"key": "external_key", "field_Prospect ID": "external_key", "blanks": "Select, unknown", "rest": "on"},
    )
    assert (run.state, run.counts) == ("done", {"create": 6467, "update": 0, "skip": 0, "error": 1}), first(run)
    assert "Asia/Pacific Region" in str(first(run))  # no country; the map of `import_table` leaves it out
    lead = Lead.objects.get(external_key="2a272436-5132-4136-86fa-dcc88c88f482")
    assert lead.attributes["TotalVisits"] == "5"
    assert not Lead.objects.filter(city="Select").exists()


def test_maven(shared, cast, client_of):
    client = client_of(cast.admin)
    accounts = bring_in(client, content(shared, "maven/accounts.csv"), kind="companies")
    assert accounts.counts["create"] == 83, first(accounts)
    assert accounts.counts["error"] == 2  # countries that nobody knows
    assert "“Philipines” is not known; did you mean “Philippines”?" in str(first(accounts))
    changes = {"field_product": "name", "field_series": "code"}
    products = bring_in(client, content(shared, "maven/products.csv"), kind="products", **changes)
    assert products.counts["error"] > 0  # a series is no code: the same key comes with other values
    fields = {
        "opportunity_id": "external_key",
        "account": "company",
        "product": "name",
        "deal_stage": "",
        "sales_agent": "",
    }
    changes = {f"field_{column}": name for column, name in fields.items()} | {"key": "external_key"}
    path = "maven/sales_pipeline_asof_2017-09-30.csv"
    deals = bring_in(client, content(shared, path), kind="opportunities", **changes)
    assert deals.total == 7388
    assert deals.counts["create"] == Opportunity.objects.count() > 5000
    assert "company: is missing" in str(deals.rows.filter(outcome="error")[0].problems).lower() or first(deals)


def test_olist_writes_its_days_the_other_way_round(shared, cast, client_of):
    client = client_of(cast.marketing)
    text = content(shared, "olist/marketing_qualified_leads.csv")
    upload(client, text)
    form = mapping_form(client, the_run())
    places = {header: at for at, header in form.headers}
    assert form[f"field-{places['first_contact_date']}"].value() == "created_at"
    assert form[f"format-{places['first_contact_date']}"].value() == "d:%d-%m-%Y"
    run = bring_in(client, text, blanks="unknown", rest="on")
    assert run.counts == {"create": run.total, "update": 0, "skip": 0, "error": 0}, first(run)
    lead = Lead.objects.get(external_key="dac32acd4db4c29c230538b72f8dd87d")
    assert (lead.created_at.day, lead.created_at.month, lead.source) == (1, 2, "social")


def test_italia_keeps_leading_zeros_and_naples(shared, cast, client_of):
    run = bring_in(client_of(cast.admin), content(shared, "italia/enti_comunali_half1.csv"), kind="companies")
    assert run.counts["create"] + run.counts["error"] == run.total
    assert run.counts["create"] > run.total * 0.97, first(run)
    assert Company.objects.get(external_key="028001").postcode == "35031"
    assert Company.objects.filter(province="NA").exists()
    cf = bring_in(client_of(cast.admin), content(shared, "italia/enti_con_cf_sample.csv"), kind="companies")
    assert cf.mapping["key"] == "tax_code"
    assert cf.counts["create"] > 15, first(cf)


def test_a_row_of_trailing_commas_is_padding_or_told(shared, cast, client_of):
    client = client_of(cast.admin)
    run = bring_in(
        client,
        content(shared, "dirty/bank_additional_trailing_commas.csv"),
        key="",
        field_job="last_name",
        kind="leads",
    )
    assert (run.state, run.counts["create"] + run.counts["error"] + run.counts["skip"]) == ("done", lines(shared))
    assert ImportRun.objects.count() == 1


def test_a_file_whose_numbers_were_torn_is_refused_row_by_row(shared, cast, client_of):
    """Its rows have as many cells as the header: 93,994 has become 93 and 994, and the last cells fell off."""
    data = content(shared, "dirty/bank_additional_shifted_half1.csv")
    run = bring_in(
        client_of(cast.admin), data, key="", field_job="last_name", field_campaign="", field_contact="", kind="leads"
    )
    assert (run.state, run.counts) == ("done", {"create": 1, "update": 0, "skip": 0, "error": 9998}), first(run)
    row = run.rows.filter(outcome="error").order_by("number")[0]
    assert (row.number, "cons.price.idx" in str(row.problems)) == (3, True)


def lines(shared):
    return content(shared, "dirty/bank_additional_trailing_commas.csv").count(b"\n") - 1


def first(run):
    return [(row.number, row.problems) for row in run.rows.filter(outcome="error").order_by("number")[:5]]

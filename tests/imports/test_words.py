"""The words of a file translated to what our fields take: guessed, asked, remembered, with the rights of the reader."""

import re
from typing import Any

import pytest

from core.models import Event, ImportMapping
from leads.models import Lead
from tests.core.fields import make_field
from tests.factories import CampaignFactory, ImportRunFactory
from tests.imports.wizard import do, map_columns, page, the_run, upload

pytestmark = pytest.mark.django_db

FILE = (
    "Azienda;E-mail;Stato;Motivo;Responsabile;Campagna\n"
    "Alfa;ada@alfa.it;Cliente perso;Costava troppo;Test Sales;Fiera Verona\n"
    "Beta;b@beta.it;Da contattare;;sales;Fiera Verona\n"
    "Gamma;g@gamma.it;Boh;;;Passaparola\n"
    "Delta;d@delta.it;Nuovo;;;\n"
)
GOES = {
    "field_Stato": "state",
    "field_Motivo": "lost_reason",
    "field_Responsabile": "owner",
    "field_Campagna": "campaign",
}


def ready(client: Any, content: str = FILE, **changes: str) -> Any:
    upload(client, content)
    return map_columns(client, the_run(), **(GOES | changes))


def ask(client: Any) -> dict[str, tuple[str, str]]:
    """What the page asks: word -> (name of its input, what is proposed)."""
    form = client.get(page(the_run(), "words")).context["form"]
    return {word.text: (field.name, field.value()) for table in form.tables for word, field in table["rows"]}


def answer(client: Any, **given: str) -> Any:
    """Send what is proposed, with these answers instead."""
    asked = ask(client)
    data = {name: given.get(word.replace(" ", "_"), proposed) for word, (name, proposed) in asked.items()}
    return client.post(page(the_run(), "words"), data)


def test_words_that_no_field_knows_are_asked_for_with_a_guess(cast, client_of):
    fair = CampaignFactory(name="Fiera di Verona")
    client = client_of(cast.manager)
    assert ready(client).url == page(the_run(), "words")
    found = {word: proposed for word, (_name, proposed) in ask(client).items()}
    assert found["Cliente perso"] == "lost"
    assert found["Da contattare"] == "new"
    assert found["Boh"] == ""
    assert found["Fiera Verona"] == str(fair.pk)
    assert found["Passaparola"] == ""
    assert found["Test Sales"] == str(cast.sales.pk)
    assert found["sales"] == str(cast.sales.pk)
    assert found["Costava troppo"] == ""


def test_what_was_said_goes_in(cast, client_of):
    fair = CampaignFactory(name="Fiera di Verona")
    client = client_of(cast.manager)
    ready(client)
    done = answer(client, Boh="-", Costava_troppo="price", Passaparola="-")
    assert done.url == page(the_run(), "detail")
    do(client, the_run(), "dry_run")
    run = do(client, the_run(), "start")
    assert run.counts == {"create": 4, "update": 0, "skip": 0, "error": 0}
    told = list(Event.objects.filter(name__startswith="importrun.", subject_id=run.pk).order_by("pk"))
    assert [event.name.partition(".")[2] for event in told][-6:-2] == ["mapped", "worded", "check_started", "checked"]
    facts = {lead.company_name: lead for lead in Lead.objects.select_related("campaign")}
    alfa = facts["Alfa"]
    assert (alfa.state, alfa.lost_reason, alfa.owner, alfa.campaign) == ("lost", "price", cast.sales, fair)
    assert [facts[name].state for name in ("Beta", "Gamma", "Delta")] == ["new"] * 3
    assert facts["Gamma"].campaign is None


def test_what_stays_unsaid_is_refused_row_by_row(cast, client_of):
    client = client_of(cast.manager)
    ready(client)
    answer(client)
    run = do(client, the_run(), "dry_run")
    assert run.counts["error"] == 3
    assert "Boh" in str([row.problems for row in run.rows.filter(outcome="error")])


def test_answers_are_remembered_with_the_mapping(cast, client_of):
    CampaignFactory(name="Fiera di Verona")
    client = client_of(cast.manager)
    ready(client)
    answer(client, Boh="-", Costava_troppo="price", Passaparola="-")
    said = ImportMapping.objects.get().mapping["columns"]["Stato"]["values"]
    assert said == {"cliente perso": "lost", "da contattare": "new", "boh": ""} | {
        word: value for word, value in said.items() if word == "nuovo"
    }
    upload(client, FILE)
    assert map_columns(client, the_run()).url == page(the_run(), "detail")
    assert the_run().mapping["columns"]["Motivo"]["values"] == {"costava troppo": "price"}
    upload(client, FILE.replace("Boh", "Mah"))
    assert map_columns(client, the_run()).url == page(the_run(), "words")
    answer(client, Mah="working")
    assert the_run().mapping["columns"]["Stato"]["values"]["boh"] == ""
    assert the_run().mapping["columns"]["Stato"]["values"]["mah"] == "working"


def test_another_field_forgets_what_was_said(cast, client_of):
    client = client_of(cast.manager)
    ready(client)
    answer(client, Costava_troppo="price")
    map_columns(client, the_run(), field_Motivo="source")
    assert "values" not in the_run().mapping["columns"]["Motivo"]


def test_a_file_whose_words_are_understood_is_not_asked_about(cast, client_of):
    client = client_of(cast.manager)
    upload(client, "Azienda;Stato\nAlfa;new\nBeta;Nuovo\n")
    assert map_columns(client, the_run(), field_Stato="state", key="").url == page(the_run(), "detail")
    assert page(the_run(), "words") in client.get(page(the_run(), "detail")).content.decode()
    assert client.get(page(the_run(), "words")).status_code == 200


def test_yes_no_and_own_choices_too(cast, client_of):
    make_field(Lead, "vip", "bool")
    make_field(Lead, "sector", "choice", choices=["Vetro", "Legno"])
    client = client_of(cast.manager)
    upload(client, "Azienda;Vip;Settore\nAlfa;si;vetro\nBeta;affermativo;Legname\n")
    changes = {"field_Vip": "cf_vip", "field_Settore": "cf_sector", "key": ""}
    assert map_columns(client, the_run(), **changes).url == page(the_run(), "words")
    assert ask(client)["Legname"][1] in ("", "Legno")
    answer(client, affermativo="1", Legname="Legno")
    do(client, the_run(), "dry_run")
    do(client, the_run(), "start")
    assert [lead.custom for lead in Lead.objects.order_by("company_name")] == [
        {"vip": True, "sector": "Vetro"},
        {"vip": True, "sector": "Legno"},
    ]


def test_blank_words_are_not_asked_for(cast, client_of):
    client = client_of(cast.manager)
    ready(client, blanks="Boh, Passaparola")
    assert not {"Boh", "Passaparola"} & ask(client).keys()


def test_only_the_owner_of_the_run_and_only_before_it_runs(cast, client_of):
    client = client_of(cast.manager)
    ready(client)
    assert client_of(cast.sales).get(page(the_run(), "words")).status_code == 404
    assert client_of(cast.nobody).get(page(the_run(), "words")).status_code == 403
    assert answer(client, Boh="nonsense").status_code == 422
    run = the_run()
    answer(client)
    do(client, run, "dry_run")
    do(client, run, "start")
    assert client.get(page(run, "words")).status_code == 409
    assert client.post(page(run, "words"), {}).status_code == 409
    unmapped = ImportRunFactory(owner=cast.manager, mapping={})
    assert client.get(page(unmapped, "words")).status_code == 409
    assert client.post(page(unmapped, "words"), {}).status_code == 409


def test_what_was_chosen_and_is_gone_is_said(cast, client_of):
    gone = CampaignFactory(name="Fiera di Verona")
    client = client_of(cast.manager)
    ready(client)
    answer(client, Passaparola="-")
    gone.delete()
    run = do(client, the_run(), "dry_run")
    problems = str([row.problems for row in run.rows.filter(outcome="error")])
    assert re.search("no longer there", problems)

"""The card of a lead: five answers changed where they stand, numbers checked offline, VIES only where it is set up."""

import json
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from core.lifecycle import Refused
from leads import qualifying
from leads.models import Lead
from parties import vies
from tests.factories import CompanyFactory, LeadFactory

pytestmark = pytest.mark.django_db
VAT = "00743110157"
CARD = {"HX-Request": "true", "HX-Target": "qualify"}


@pytest.fixture
def lead(cast):
    return LeadFactory(state="working", owner=cast.sales, company_name="Pompe Adriatiche", city="")


@pytest.fixture
def sales(cast, client_of):
    return client_of(cast.sales)


def url(lead, name):
    return f"/leads/{lead.pk}/answers/{name}/"


class TestCard:
    def test_what_is_missing_is_asked(self, lead, sales):
        page = sales.get(lead.get_absolute_url()).content.decode()
        assert "0 of 5 answered" in page
        for _label, question in qualifying.QUESTIONS.values():
            assert str(question) in page
        assert "codice destinatario or PEC" in page and "VAT number or codice fiscale" in page

    @pytest.mark.parametrize(
        ("name", "typed", "kept"),
        [
            ("need", "Le pompe perdono", "Le pompe perdono"),
            ("budget", "12,500.50", Decimal("12500.50")),
            ("authority", "La titolare", "La titolare"),
            ("fit", "good", "good"),
        ],
    )
    def test_each_answer_is_given_where_it_stands(self, lead, sales, name, typed, kept):
        form = sales.get(url(lead, name), headers=CARD).content.decode()
        assert f'name="{name}"' in form and "<html" not in form
        card = sales.post(url(lead, name), {name: typed}, headers=CARD)
        assert card.status_code == 200
        assert "1 of 5 answered" in card.content.decode()
        lead.refresh_from_db()
        value = getattr(lead, name)
        assert getattr(value, "amount", value) == kept

    def test_without_a_script_it_is_a_page(self, lead, sales):
        assert "<html" in sales.get(url(lead, "decision_by")).content.decode()
        answer = sales.post(url(lead, "decision_by"), {"decision_by": "2027-01-31"})
        assert answer.headers["Location"] == lead.get_absolute_url()
        assert str(Lead.objects.get().decision_by) == "2027-01-31"

    @pytest.mark.parametrize(
        ("name", "typed"),
        [
            ("budget", "-1"),
            ("budget", "x"),
            ("decision_by", "2026-02-30"),
            ("fit", "x"),
            ("need", "x" * 2001),
            ("need", "a\0"),
        ],
    )
    def test_nonsense_stands_in_the_card_with_its_reason(self, lead, sales, name, typed):
        answer = sales.post(url(lead, name), {name: typed}, headers=CARD)
        assert answer.status_code == 422
        assert "field-error" in answer.content.decode()

    def test_somebody_elses_change_is_not_overwritten(self, lead, sales):
        answer = sales.post(url(lead, "need"), {"need": "x", "_version": "2020-01-01"}, headers=CARD)
        assert answer.status_code == 409
        assert "Somebody has changed" in answer.content.decode()

    def test_rights(self, cast, lead, client_of):
        assert client_of(cast.sales2).get(url(lead, "need")).status_code == 404
        assert client_of(cast.care).get(url(lead, "need")).status_code == 403
        assert client_of(cast.sales).get(url(lead, "state")).status_code == 404

    def test_what_is_closed_stays(self, cast, client_of):
        lead = LeadFactory(state="lost", owner=cast.sales)
        sales = client_of(cast.sales)
        assert url(lead, "need") not in sales.get(lead.get_absolute_url()).content.decode()
        assert sales.post(url(lead, "need"), {"need": "x"}, headers=CARD).status_code == 409


class TestIdentity:
    def facts(self, **more):
        return {"company_name": "Pompe Adriatiche", "country": "IT", **more}

    def test_numbers_are_tidied_and_checked_offline(self, lead, sales):
        typed = self.facts(vat_number="IT 0074 3110157", tax_code="rss mra 80a01 h501u", sdi_code="abc 1234")
        card = sales.post(url(lead, "identity"), typed, headers=CARD).content.decode()
        lead.refresh_from_db()
        assert (lead.vat_number, lead.tax_code, lead.sdi_code) == (VAT, "RSSMRA80A01H501U", "ABC1234")
        assert "codice destinatario or PEC" not in card

    @pytest.mark.parametrize(
        "wrong",
        [
            {"vat_number": "00743110158"},
            {"vat_number": "x"},
            {"tax_code": "RSSMRA80A01H501X"},
            {"sdi_code": "A1"},
            {"pec": "x"},
        ],
    )
    def test_wrong_digits_are_refused(self, lead, sales, wrong):
        assert sales.post(url(lead, "identity"), self.facts(**wrong), headers=CARD).status_code == 422
        assert not Lead.objects.exclude(vat_number="", tax_code="", sdi_code="").exists()

    def test_the_letters_of_a_number_say_where_the_company_is(self, lead, sales):
        sales.post(url(lead, "identity"), self.facts(vat_number="DE 136695976"), headers=CARD)
        lead.refresh_from_db()
        assert (lead.vat_number, lead.country) == ("DE136695976", "DE")
        assert "codice destinatario or PEC: where electronic invoices go" not in map(str, qualifying.gaps(lead))

    def test_duplicates_are_warned_of_as_soon_as_the_number_is_known(self, cast, lead, sales):
        CompanyFactory(name="Adriatica Pompe", vat_number=VAT)
        LeadFactory(company_name="Pompe del Conero", vat_number=VAT, owner=cast.sales)
        card = sales.post(url(lead, "identity"), self.facts(vat_number=VAT), headers=CARD).content.decode()
        assert "Adriatica Pompe" in card and "same VAT number" in card
        assert "Pompe del Conero" in card


class Vies(BaseHTTPRequestHandler):
    """Stands for the EU's server: what it shall answer is `says`."""

    says = (200, b"{}")

    def do_GET(self):
        type(self).asked = self.path
        status, content = self.says
        self.send_response(status)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args):
        return None


FOUND = {
    "isValid": True,
    "userError": "VALID",
    "name": "POMPE ADRIATICHE S.R.L.",
    "address": "VIA PO 2 \n20017 RHO MI\n",
}


class TestVies:
    @pytest.fixture
    def server(self, settings):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Vies)
        Thread(target=server.serve_forever, daemon=True).start()
        settings.VIES_URL = f"http://127.0.0.1:{server.server_port}/rest-api"
        Vies.says = (200, json.dumps(FOUND).encode())
        yield server
        server.shutdown()
        server.server_close()

    def test_it_is_off_until_it_is_set_up(self, lead, sales):
        Lead.objects.update(vat_number=VAT)
        assert "VIES" not in sales.get(lead.get_absolute_url()).content.decode()
        assert sales.post(f"/leads/{lead.pk}/vies/", headers=CARD).status_code == 409

    def test_what_it_says_fills_the_empty_fields_for_somebody_to_look_at(self, lead, sales, server):
        Lead.objects.update(vat_number=VAT)
        assert "Ask VIES" in sales.get(lead.get_absolute_url()).content.decode()
        card = sales.post(f"/leads/{lead.pk}/vies/", headers=CARD).content.decode()
        assert Vies.asked == f"/rest-api/ms/IT/vat/{VAT}"
        for value in ("Via Po 2", "20017", "Rho", 'value="MI"', "Pompe Adriatiche"):
            assert value in card
        assert "POMPE ADRIATICHE" not in card  # what is known stays
        lead.refresh_from_db()
        assert lead.street == ""

    @pytest.mark.parametrize(
        ("says", "words"),
        [
            ((200, b'{"isValid": false, "userError": "INVALID"}'), "does not know this number"),
            ((200, b'{"isValid": false, "userError": "MS_UNAVAILABLE"}'), "does not answer"),
            ((500, b"x"), "does not answer"),
            ((200, b"<html>"), "does not answer"),
            ((200, b"[1]"), "does not answer"),
            ((200, b'{"isValid": "yes"}'), "does not answer"),
            ((200, b"\xff" * 50_000), "does not answer"),
        ],
    )
    def test_trouble_is_said(self, lead, sales, server, says, words):
        Vies.says = says
        Lead.objects.update(vat_number=VAT)
        answer = sales.post(f"/leads/{lead.pk}/vies/", headers=CARD)
        assert answer.status_code == 409
        assert words in answer.content.decode()

    def test_a_number_with_wrong_digits_is_asked_of_nobody(self, server):
        Vies.asked = ""
        with pytest.raises(Refused):
            vies.ask("00743110158")
        assert Vies.asked == ""

    def test_countries_that_do_not_tell(self, server):
        Vies.says = (200, json.dumps({**FOUND, "name": "---", "address": "---"}).encode())
        assert vies.ask("DE136695976") == vies.Registered(country="DE")

    def test_nobody_there(self, settings):
        settings.VIES_URL = "http://127.0.0.1:9"
        with pytest.raises(Refused, match="does not answer"):
            vies.ask(VAT)

    def test_who_may_not_change_the_lead_asks_nothing(self, cast, lead, client_of, server):
        assert client_of(cast.sales2).post(f"/leads/{lead.pk}/vies/").status_code == 404
        assert client_of(cast.care).post(f"/leads/{lead.pk}/vies/").status_code == 403

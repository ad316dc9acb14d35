"""Leads out of e-mails and phone calls."""

import pytest
from django.core import mail as outgoing
from django.urls import reverse

from activities.models import Email
from core import outbox
from leads.models import Capture, Lead
from tests.activities.mails import message, taken
from tests.factories import CampaignFactory, LeadFactory
from tests.leads.capturing import take_in

pytestmark = pytest.mark.django_db


# --- E-mail ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def addresses(settings):
    settings.DEFAULT_FROM_EMAIL = "ZenCRM <crm@aquaflux.example>"
    settings.MAIL_REPLY_ADDRESS = "crm@aquaflux.example"
    settings.LEAD_ADDRESSES = ["Info@aquaflux.example"]


def arrive(**headers):
    headers = {"To": "info@aquaflux.example", "Subject": "Serve un addolcitore"} | headers
    email = taken(
        message(headers.pop("text", "Buongiorno, quanto costa?\n\nIl giorno 1 Anna ha scritto:\n> x"), **headers)
    )
    outbox.relay()
    take_in()
    email.refresh_from_db()
    return email


def test_a_stranger_who_writes_becomes_a_lead_with_their_mail(cast):
    email = arrive()
    lead = Lead.objects.get()
    assert (lead.first_name, lead.last_name, lead.email) == ("Giulia", "Verdi", "giulia@cliente.example")
    assert (lead.interest, lead.message) == ("Serve un addolcitore", "Buongiorno, quanto costa?")
    assert email.subject == lead and [t.channel for t in lead.touches.all()] == ["email"]
    assert not outgoing.outbox, "nothing is sent back by itself"


def test_the_second_mail_goes_to_the_same_lead(cast):
    arrive()
    second = arrive(text="Ancora io")
    assert second.subject == Lead.objects.get()


@pytest.mark.parametrize(
    "headers",
    [
        {"To": "crm@aquaflux.example"},
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"From": "user@staff.example"},
        {"From": ""},
        {"In_Reply_To": "<x@y.example>"},
    ],
)
def test_other_mail_waits_as_before(cast, headers):
    cast.sales.email = "User@staff.example"
    cast.sales.save()
    email = arrive(**headers)
    assert email.subject is None and not Lead.objects.exists() and not Capture.objects.exists()


def test_known_people_stay_who_they_are(cast):
    known = LeadFactory(email="giulia@cliente.example")
    assert arrive().subject == known and Lead.objects.count() == 1


def test_without_addresses_no_mail_becomes_a_lead(cast, settings):
    settings.LEAD_ADDRESSES = []
    arrive()
    assert Email.objects.count() == 1 and not Lead.objects.exists()


# --- Phone ----------------------------------------------------------------------------------------------------------------

URL = "/leads/phone/"
CALL = {"phone": "+39 02 5550100", "last_name": "Bianchi", "message": "Vuole un sopralluogo", "key": "k1"}


def test_who_may_add_leads_may_note_a_call(cast, client_of):
    assert reverse("leads:phone_note") == URL
    for who, status in (("sales", 200), ("marketing", 200), ("hr", 403), ("nobody", 403)):
        assert client_of(getattr(cast, who)).get(URL).status_code == status
    assert client_of(cast.hr).post(URL, CALL).status_code == 403 and not Capture.objects.exists()


def test_a_call_is_a_lead_at_once_and_a_double_click_none_more(cast, client_of):
    client, fair = client_of(cast.sales), CampaignFactory()
    for _turn in range(2):
        response = client.post(URL, {**CALL, "campaign": fair.pk})
        lead = Lead.objects.get()
        assert response["Location"] == lead.get_absolute_url()
    assert (lead.owner, lead.campaign, lead.message) == (cast.sales, fair, "Vuole un sopralluogo")
    assert [(t.channel, t.campaign) for t in lead.touches.all()] == [("phone", fair)]
    assert Capture.objects.get().by == cast.sales


def test_who_calls_again_is_found_by_the_number(cast, client_of):
    known = LeadFactory(phone="02 5550100", email="", last_name="Bianchi", owner=cast.sales2)
    response = client_of(cast.sales).post(URL, CALL)
    assert Lead.objects.count() == 1 and known.touches.exists()
    assert response["Location"] == URL, "it is a colleague's: noted, and not shown"


@pytest.mark.parametrize(
    "wrong", [{"phone": ""}, {"email": "x"}, {"last_name": "x" * 81}, {"message": "a\0b"}, {"phone": "x" * 41}]
)
def test_what_cannot_be_is_asked_again_and_not_lost(cast, client_of, wrong):
    response = client_of(cast.sales).post(URL, CALL | wrong)
    assert response.status_code == 422 and "Bianchi" in response.content.decode() or "last_name" in wrong
    assert not Lead.objects.exists()

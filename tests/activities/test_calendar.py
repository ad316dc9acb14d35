"""The private calendar: whoever has the address reads it, nobody else does, and it names nothing its owner may not see."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from activities.models import CalendarFeed
from tests.factories import ActivityFactory, LeadFactory

pytestmark = pytest.mark.django_db
PAGE = reverse("activities:calendar")


def address(client):
    return client.post(PAGE).context["address"]


def days(url):
    answer = Client().get(url)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/calendar")
    return {str(day["summary"]): day for day in Calendar.from_ical(answer.content).walk("VEVENT")}


def test_what_i_have_to_do_on_its_day(cast, client_of):
    day = timezone.localdate() + timedelta(days=3)
    lead = LeadFactory(owner=cast.sales, company_name="Vetreria Veneta")
    ActivityFactory(subject=lead, owner=cast.sales, summary="Prices; terms, and così via", due_on=day, kind="call")
    ActivityFactory(subject=lead, owner=cast.sales, summary="Done", done_at=timezone.now())
    ActivityFactory(subject=lead, owner=cast.sales2, summary="Not mine")
    type(cast.sales).objects.filter(pk=cast.sales.pk).update(language="it")
    found = days(address(client_of(cast.sales)))
    assert list(found) == ["Telefonata: Prices; terms, and così via"]
    (event,) = found.values()
    assert event["dtstart"].dt == day and event["dtend"].dt == day + timedelta(days=1)
    assert "Vetreria Veneta" in event["description"]


def test_a_record_i_may_not_see_is_not_named(cast, client_of):
    lead = LeadFactory(owner=cast.sales2, company_name="Segreta S.r.l.")
    ActivityFactory(subject=lead, owner=cast.sales, summary="Help Marco")
    (event,) = days(address(client_of(cast.sales))).values()
    assert "description" not in event


def test_a_new_address_closes_the_old_and_closing_closes_all(cast, client_of):
    client = client_of(cast.sales)
    old, new = address(client), address(client)
    assert Client().get(old).status_code == 404
    assert days(new) == {}
    assert client.get(PAGE).status_code == 200 and new not in client.get(PAGE).text
    client.post(PAGE, {"act": "close"})
    assert Client().get(new).status_code == 404


def test_who_has_left_has_no_calendar(cast, client_of):
    url = address(client_of(cast.sales))
    type(cast.sales).objects.filter(pk=cast.sales.pk).update(is_active=False)
    assert Client().get(url).status_code == 404


def test_the_key_itself_is_not_kept_and_a_guess_opens_nothing(cast, client_of):
    url = address(client_of(cast.sales))
    key = url.rpartition("/")[2].removesuffix(".ics")
    assert len(key) >= 40 and key not in CalendarFeed.objects.get().key_hash
    for guess in ("x", key[:-1], "%00", "à" * 300):
        assert Client().get(f"{PAGE}{guess}.ics").status_code in (400, 404)
    assert Client().post(url).status_code == 405


def test_the_same_calendar_is_not_sent_again(cast, client_of):
    ActivityFactory(subject=LeadFactory(owner=cast.sales), owner=cast.sales)
    url = address(client_of(cast.sales))
    first = Client().get(url)
    again = Client().get(url, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_without_an_account_there_is_no_address_to_make():
    assert Client().get(PAGE).url.startswith("/account/login/")


def test_without_the_right_there_is_none_either(cast, client_of):
    assert client_of(cast.nobody).post(PAGE).status_code == 403

"""Pages of web forms and submissions: who may, the builder, the snippet that works as it is, what was stopped."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from core.models import CustomField, Purpose, PurposeText
from leads.capture import pages
from leads.models import Capture, Lead, WebForm
from tests.factories import WebFormFactory
from tests.leads.capturing import ADA, fill_in, newsletter, post, take_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm")]


def addresses(form, capture):
    return [
        reverse("leads:webform_list"), reverse("leads:webform_create"), form.get_absolute_url(), form.edit_url,
        reverse("leads:webform_connect", args=[form.pk]), reverse("leads:capture_list"), capture.get_absolute_url(),
    ]  # fmt: skip


@pytest.fixture
def stopped():
    fill_in(WebFormFactory(), reference_code="x")
    return Capture.objects.select_related("form").get()


@pytest.mark.parametrize("who", ["sales", "nobody", "pm", "care"])
def test_forms_and_submissions_are_for_marketing_and_managers(cast, client_of, stopped, who):
    client = client_of(getattr(cast, who))
    assert {client.get(url).status_code for url in addresses(stopped.form, stopped)} == {403}
    assert client.post(reverse("leads:capture_take", args=[stopped.pk])).status_code == 403
    assert client.post(reverse("leads:webform_connect", args=[stopped.form.pk])).status_code == 403
    assert Capture.objects.get().state == "stopped"


@pytest.mark.parametrize("who", ["marketing", "manager"])
def test_they_see_every_page(cast, client_of, stopped, who):
    client = client_of(getattr(cast, who))
    for url in addresses(stopped.form, stopped):
        assert client.get(url).status_code == 200, url


def built(**more):
    return {
        "name": "Preventivi", "title": "Chiedi un preventivo", "language": "it", "active": "on",
        "fields_asked_email_asked": "1", "fields_asked_email_required": "1", "fields_asked_email_place": "2",
        "fields_asked_last_name_asked": "1", "fields_asked_last_name_place": "1",
        "fields_asked_last_name_label": "Il tuo cognome", **more,
    }  # fmt: skip


def test_marketing_builds_a_form_with_a_field_of_their_own(cast, client_of):
    from django.contrib.contenttypes.models import ContentType

    CustomField.objects.create(
        model=ContentType.objects.get_for_model(Lead), name="plant", label="Impianto", kind="text"
    )
    purpose = Purpose.objects.create(name="News", code="news")
    PurposeText.objects.create(purpose=purpose, version=1, text_it="Acconsento")
    more = {
        "fields_asked_cf_plant_asked": "1", "fields_asked_cf_plant_place": "3", "purposes": [purpose.pk],
        "sites": " https://www.shop.example/contatti \nhttp://localhost:8080\n",
    }  # fmt: skip
    response = client_of(cast.marketing).post(reverse("leads:webform_create"), built(**more))
    form = WebForm.objects.get()
    assert response.status_code == 302 and form.sites == ["http://localhost:8080", "https://www.shop.example"]
    assert form.fields == [
        {"name": "last_name", "required": False, "label": "Il tuo cognome"},
        {"name": "email", "required": True},
        {"name": "cf_plant", "required": False},
    ]
    page = Client().get(form.public_url).content.decode()
    places = [page.index(text) for text in ("Il tuo cognome", 'name="email"', 'name="cf_plant"', "Acconsento")]
    assert places == sorted(places)
    fill_in(form, cf_plant="Torre", _key="")
    take_in()
    assert Lead.objects.get().custom == {"plant": "Torre"}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"fields_asked_email_required": ""}, "require it"),
        ({"sites": "shop.example"}, "no sites"),
        ({"sites": "javascript:alert(1)"}, "no sites"),
        ({"fields_asked_last_name_label": "x" * 121}, "at most 120"),
        ({"thanks_url": "javascript:alert(1)"}, "valid URL"),
        ({"name": ""}, "required"),
    ],
)
def test_a_form_that_cannot_work_is_not_saved(cast, client_of, wrong, told):
    response = client_of(cast.marketing).post(reverse("leads:webform_create"), built(**wrong))
    assert response.status_code == 422 and told in response.content.decode()
    assert not WebForm.objects.exists()


def test_the_snippet_works_as_it_is_without_a_script(cast):
    form = WebFormFactory()
    newsletter(form)
    html = pages.snippet(form)
    assert "<script" not in html and "style" not in html and "csrf" not in html
    names = re.findall(r'name="([^"]+)"', html)
    assert names == ["last_name", "email", "phone", "company_name", "message", "consent_newsletter", "reference_code"]
    action = re.search(r'action="http://[^/"]+([^"]+)"', html).group(1)
    assert Client(enforce_csrf_checks=True).post(action, ADA | {"consent_newsletter": "1"}).status_code == 302
    take_in()
    assert Lead.objects.get().email == ADA["email"]


def test_a_new_secret_ends_the_old_one(cast, client_of):
    form = WebFormFactory()
    client = client_of(cast.marketing)
    url = reverse("leads:webform_connect", args=[form.pk])
    shown = client.get(url)
    assert form.secret in shown.content.decode() and "no-store" in shown["Cache-Control"]
    client.post(url)
    assert post(form).status_code == 401
    form.refresh_from_db()
    assert post(form).status_code == 202
    assert form.secret not in client.get(form.get_absolute_url()).content.decode()


def test_what_was_stopped_says_why_and_is_taken_in_by_hand(cast, client_of, stopped):
    client = client_of(cast.marketing)
    assert "people do not see" in client.get(stopped.get_absolute_url()).content.decode()
    assert ADA["email"] in client.get(f"{reverse('leads:capture_list')}?state=stopped").content.decode()
    client.post(reverse("leads:capture_take", args=[stopped.pk]))
    stopped.refresh_from_db()
    assert (stopped.state, stopped.lead) == ("taken", Lead.objects.get())
    client.post(reverse("leads:capture_take", args=[stopped.pk]))
    assert Lead.objects.count() == 1


def test_the_leads_page_shows_its_touches(cast, client_of):
    form = WebFormFactory(name="Modulo contatti")
    post(form, {**ADA, "touch": {"utm_source": "news", "referrer": "https://search.example/"}})
    take_in()
    page = client_of(cast.marketing).get(Lead.objects.get().get_absolute_url()).content.decode()
    assert "Modulo contatti" in page and "https://search.example/" in page and "news" in page


def test_a_submission_shows_hostile_text_as_text(cast, client_of):
    form = WebFormFactory()
    post(
        form,
        {**ADA, "<img src=x onerror=alert(1)>": "<svg onload=alert(2)>"},
        HTTP_USER_AGENT="<script>alert(3)</script>",
    )
    (capture,) = take_in()
    page = client_of(cast.marketing).get(capture.get_absolute_url()).content.decode()
    assert "<img src=x" not in page and "<svg onload" not in page and "<script>alert(3)" not in page

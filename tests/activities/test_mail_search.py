"""E-mails in the search box: one's own, those one was sent, all by right; private ones only for their people."""

import pytest
from django.contrib.auth.models import Permission

from core import search
from tests.factories import CompanyFactory, EmailFactory

pytestmark = pytest.mark.django_db


def found(user, text):
    return [hit.title for hit in search.find(text, user)]


@pytest.fixture
def mail(cast):
    return EmailFactory(
        subject=CompanyFactory(owner=cast.sales), owner=cast.sales, title="Preventivo pompe", sender_name="Giulia Verdi",
        sender="giulia@cliente.example", text="Vorremmo sapere del collaudo della Zanzibar.",
    )  # fmt: skip


@pytest.mark.parametrize(
    "typed", ["preventivi", "pompa", "zanzi", "collaudi", "giulia verdi", "giulia@cliente.example"]
)
def test_by_subject_words_and_sender(cast, mail, typed):
    assert found(cast.sales, typed) == ["Preventivo pompe"]


def test_the_hit_leads_to_the_mail_and_says_who_wrote_it(cast, client_of, mail):
    page = client_of(cast.sales).get("/search/?q=zanzibar", headers={"HX-Target": "search-results"})
    assert f'href="/mail/{mail.pk}/"' in page.content.decode()
    assert "Giulia Verdi" in page.content.decode()


def test_strangers_and_people_without_the_right_find_nothing(cast, mail):
    assert found(cast.sales2, "zanzibar") == []
    assert found(cast.nobody, "zanzibar") == []
    assert found(cast.manager, "zanzibar") == ["Preventivo pompe"]


def test_a_private_one_is_found_by_its_people_alone(cast, mail):
    mail.private = True
    mail.save(update_fields=["private"])
    cast.sales2.user_permissions.add(Permission.objects.get(codename="attach_email"))
    for stranger in (cast.manager, cast.admin, cast.sales2):
        assert found(stranger, "zanzibar") == []
    mail.readers.add(cast.marketing)
    assert found(cast.marketing, "zanzibar") == found(cast.sales, "zanzibar") == ["Preventivo pompe"]


def test_one_without_a_record_is_found_by_those_who_put_it_on_one(cast):
    EmailFactory(subject=None, owner=None, title="", text="Zanzibar")
    assert found(cast.marketing, "zanzibar") == ["E-mail without a subject"]
    assert found(cast.sales, "zanzibar") == []

"""The admin's lists are written by a tag of our own, and say what unfold's would, to the letter."""

import re
from datetime import date

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.template import engines
from django.urls import reverse
from django.utils import translation
from unfold.templatetags import unfold_list

from core.templatetags import admin_rows
from leads.models import Lead
from people.models import User
from zencrm.demo import story

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(db):
    return story.tell(leads=300, seed=1, today=date(2026, 11, 20))


def squeezed(html):
    return re.sub(r">\s+<", "><", " ".join(html.split()))


def both(client, model, **asked):
    """The list as we write it, as unfold writes it, and how many rows it has."""
    answer = client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"), asked)
    cl = answer.context["cl"]
    context = {
        "request": answer.wsgi_request,
        "opts": cl.opts,
        "cl": cl,
        "actions_row": answer.context.get("actions_row"),
    }
    wanted = engines["django"].from_string("{% load unfold_list %}{% unfold_result_list cl %}").render(context)
    return squeezed(answer.text), squeezed(wanted), len(cl.result_list)


@pytest.mark.parametrize("language", ["en", "it"])
def test_every_list_is_the_one_unfold_writes(told, client_of, language):
    reader = User.objects.get(username="admin")
    reader.language = language
    reader.save()
    client, rows = client_of(reader), {}
    with translation.override(language):
        for model in admin.site._registry:
            written, wanted, rows[model] = both(client, model)
            assert wanted in written, model
    assert sum(map(bool, rows.values())) > 30
    assert rows[Lead] > 3 and rows[Group] > 3


@pytest.mark.parametrize("asked", [{"q": "a"}, {"o": "-4.2"}, {"state__exact": "lost", "p": "2"}, {"_popup": "1"}])
def test_links_keep_what_was_asked_and_a_popup_chooses(told, client_of, asked):
    written, wanted, rows = both(client_of(User.objects.get(username="admin")), Lead, **asked)
    assert rows > 3 and wanted in written
    assert "_changelist_filters=" in written or "data-popup-opener" in written


def test_what_stands_in_a_record_is_text(told, client_of):
    lead = Lead.objects.order_by("pk").last()
    Lead.objects.filter(pk=lead.pk).update(city="<b>&amp; {{ x }}</b>")
    written, wanted, _rows = both(client_of(User.objects.get(username="admin")), Lead, o="-1", id=lead.pk)
    assert wanted in written and "&lt;b&gt;&amp;amp; {{ x }}&lt;/b&gt;" in written


def test_a_list_is_written_without_asking_unfold_for_its_cells(told, client_of, monkeypatch):
    monkeypatch.delattr(unfold_list, "items_for_result")
    answer = client_of(User.objects.get(username="admin")).get(reverse("admin:leads_lead_changelist"))
    assert answer.text.count("data-row") == len(answer.context["cl"].result_list) == 50
    assert admin_rows.ANY not in answer.text

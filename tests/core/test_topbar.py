"""The top bar is written once and kept; what belongs to a person or a request is theirs all the same."""

import re

import pytest
from django.test import Client

from people.models import User

pytestmark = pytest.mark.django_db


def bar(client, url="/profile/"):
    page = client.get(url, follow=True).content.decode()
    return page[page.index('<header class="topbar">') : page.index("</header>")]


def test_everybody_reads_their_own_name_as_it_is_now(cast, client_of):
    sales, manager = client_of(cast.sales), client_of(cast.manager)
    assert "Sales Test" in bar(sales)
    assert "Manager Test" in bar(manager)
    assert "Administra" in bar(manager) or "Amministra" in bar(manager)
    assert "Sales Test" in bar(sales)
    User.objects.filter(pk=cast.sales.pk).update(first_name="Anna <b>")
    assert "Anna &lt;b&gt; Test" in bar(sales)


def test_rights_and_language_change_it_at_once(cast, client_of):
    sales = client_of(cast.sales)
    User.objects.filter(pk=cast.sales.pk).update(language="en")
    assert "Log out" in bar(sales)
    assert "/leads/new/" in bar(sales)
    User.objects.filter(pk=cast.sales.pk).update(language="it")
    assert "Esci" in bar(sales)
    cast.sales.groups.clear()
    assert "/leads/new/" not in bar(sales)


def test_the_address_is_that_of_the_request_and_escaped(cast, client_of):
    sales = client_of(cast.sales)
    assert 'name="next" value="/leads/?q=uno&amp;view=all"' in bar(sales, "/leads/?q=uno&view=all")
    found = bar(sales, '/leads/?view=all&q="><script>')
    assert "<script>" not in found
    assert 'name="next" value="/leads/?view=all&amp;q=%22%3E%3Cscript%3E"' in found


def test_its_forms_carry_the_token_of_their_visitor(cast):
    for user in (cast.sales, cast.manager):
        client = Client(enforce_csrf_checks=True)
        client.force_login(user, backend="people.backends.RoleBackend")
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w{64})"', bar(client))[1]
        sent = {"csrfmiddlewaretoken": token, "theme": "dark", "next": "/profile/"}
        assert client.post("/preferences/", sent).status_code == 302
        assert client.post("/preferences/", sent | {"csrfmiddlewaretoken": "x" * 64}).status_code == 403

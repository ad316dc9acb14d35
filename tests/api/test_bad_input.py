"""What comes in wrong, twice, or too often: each gets a clear answer as problem+json, and never a 500."""

import threading
import time
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import connection, connections, transaction
from django.test import override_settings
from django.utils import timezone

from core.api import answers
from core.models import ApiAnswer, ApiToken
from leads.models import Lead
from tests import brakes, factories
from tests.api.conftest import Caller

LEAD = {"company_name": "Torneria Alfa", "email": "neri@alfa.example"}


def problem(response, status):
    assert response.status_code == status, response.content[:300]
    assert response["Content-Type"] == "application/problem+json"
    found = response.json()
    assert found["status"] == status
    assert found["title"]
    return found


class TestProblems:
    @pytest.mark.parametrize("path", ["/api/", "/api/v2/leads/", "nothing/", "leads/x/", "leads/1/2/3/4/", "leads"])
    def test_unknown_addresses(self, client, db, path):
        url = path if path.startswith("/") else f"/api/v1/{path}"
        problem(client.get(url), 404)

    def test_methods(self, cast, sales):
        lead = factories.LeadFactory(owner=cast.sales)
        for method, path in (("DELETE", f"leads/{lead.pk}/"), ("PUT", f"leads/{lead.pk}/"), ("PATCH", "leads/")):
            problem(sales.ask(method, path, {}), 405)
        assert "PATCH" in sales.ask("DELETE", f"leads/{lead.pk}/")["Allow"]
        problem(sales.get(f"leads/{lead.pk}/take/"), 405)

    def test_what_is_accepted_and_sent(self, sales):
        problem(sales.get("leads/", Accept="text/html"), 406)
        assert sales.get("leads/", Accept="application/problem+json").status_code == 200
        problem(sales.post("leads/", "a=1", Content_Type="application/x-www-form-urlencoded"), 415)
        problem(sales.post("leads/", "<a/>", Content_Type="application/xml"), 415)

    def test_a_crash_is_a_problem_too_and_says_nothing_of_itself(self, sales, monkeypatch):
        from core.api import lists

        monkeypatch.setattr(lists, "read_page", lambda _page: 1 / 0)
        found = problem(sales.get("leads/"), 500)
        assert "division" not in str(found)
        assert found["request_id"]

    def test_in_italian(self, cast, caller_of):
        found = problem(caller_of(cast.sales, language="it").get("leads/?colore=rosso"), 400)
        assert found["title"] == "La richiesta non è comprensibile"

    def test_without_accept_language_in_the_users_own(self, cast, caller_of):
        cast.sales.language = "it"
        cast.sales.save()
        caller = caller_of(cast.sales)
        del caller.headers["Accept-Language"]
        assert caller.get("leads/?colore=rosso")["Content-Language"] == "it"


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ("{", 400),
            ("", 422),
            ("[]", 422),
            ("5", 422),
            ("null", 422),
            ('{"email": NaN}', 400),
            ('{"city": "a\\u0000b"}', 400),
            ('{"city\\u0000": "a"}', 400),
            ('{"city": "\\ud800"}', 400),
            (b'{"city": "\xff"}', 400),
            ("[" * 100_000, 400),
            ('{"a":' * 500 + "1" + "}" * 500, 400),
            ('{"city": ' + "[" * 20 + "]" * 20 + "}", 400),
            ('{"budget": ' + "9" * 5000 + "}", 400),
            ('{"budget": 1e999999}', 422),
            ('{"budget": 1e-999999}', 422),
            ('{"campaign": 1' + "0" * 40 + "}", 422),
            ('{"city": "' + "x" * 1_100_000 + '"}', 413),
            ("[" + "1," * 30_000 + "1]", 400),
            ('{"message": "' + "x" * 30_000 + '"}', 422),
        ],
    )
    def test_get_a_clear_answer(self, sales, body, status):
        problem(sales.post("leads/", body), status)
        assert not Lead.objects.exists()

    @pytest.mark.parametrize("query", ["q=%00", "%00=1", "state=%00", "after=%00", "limit=%00"])
    def test_nul_in_the_address(self, sales, query):
        problem(sales.get(f"leads/?{query}"), 400)

    @pytest.mark.parametrize(
        "header", ["Basic YTpi", "Bearer", "Bearer  ", "Token x", "Bearer \xff", "Bearer " + "a" * 9000]
    )
    def test_other_credentials(self, client, db, header):
        response = client.get("/api/v1/leads/", headers={"Authorization": header})
        problem(response, 401)
        assert response["WWW-Authenticate"].startswith("Bearer")

    def test_guessing_is_slowed_down(self, db):
        brakes.whole_minute()
        caller = Caller("zcr_guess")
        seen = {caller.get("leads/").status_code for _ in range(70)}
        assert seen == {401, 429}
        assert int(caller.get("leads/")["Retry-After"]) > 0


class TestBrakes:
    @override_settings(API_READS_PER_MINUTE=5, API_WRITES_PER_MINUTE=2)
    def test_each_token_has_its_own_budget(self, cast, caller_of, sales):
        other = caller_of(cast.sales)
        brakes.whole_minute()
        seen = [sales.get("leads/").status_code for _ in range(8)]
        assert seen == [200] * 5 + [429] * 3
        found = sales.get("leads/")
        problem(found, 429)
        assert 0 < int(found["Retry-After"]) <= 60
        assert other.get("leads/").status_code == 200
        assert 429 in [sales.post("leads/", {}).status_code for _ in range(5)]

    def test_without_redis_it_goes_on(self, sales, settings):
        settings.CACHES = {
            **settings.CACHES,
            "shared": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": "redis://127.0.0.1:1/0",
                "OPTIONS": {"socket_connect_timeout": 0.2},
            },
        }
        assert caches["shared"] is not None
        assert sales.get("leads/").status_code == 200


class TestRepeated:
    def test_the_same_request_is_done_once(self, sales):
        first = sales.post("leads/", LEAD, Idempotency_Key="a-1")
        again = sales.post("leads/", dict(reversed(LEAD.items())), Idempotency_Key="a-1")
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.content == first.content
        assert again["Location"] == first["Location"]
        assert again["Idempotent-Replayed"] == "true"
        assert Lead.objects.count() == 1

    def test_another_body_or_address_is_another_request(self, cast, sales):
        lead = factories.LeadFactory(owner=cast.sales)
        assert sales.post("leads/", LEAD, Idempotency_Key="a").status_code == 201
        problem(sales.post("leads/", {**LEAD, "city": "Asti"}, Idempotency_Key="a"), 422)
        problem(sales.post(f"leads/{lead.pk}/take/", LEAD, Idempotency_Key="a"), 422)

    def test_keys_of_another_token_are_others(self, cast, caller_of):
        for _ in range(2):
            assert caller_of(cast.sales).post("leads/", LEAD, Idempotency_Key="a").status_code == 201
        assert Lead.objects.count() == 2

    def test_refusals_are_repeated_too(self, cast, sales):
        lead = factories.LeadFactory(owner=cast.sales, state="lost")
        first = problem(sales.post(f"leads/{lead.pk}/take/", Idempotency_Key="a"), 409)
        assert problem(sales.post(f"leads/{lead.pk}/take/", Idempotency_Key="a"), 409) == first
        problem(sales.post("leads/", {"email": "x"}, Idempotency_Key="b"), 422)
        assert ApiAnswer.objects.count() == 2

    @pytest.mark.parametrize("key", ["x" * 201, "a\tb"])
    def test_a_key_is_short_and_plain(self, sales, key):
        problem(sales.post("leads/", LEAD, Idempotency_Key=key), 400)

    def test_a_crash_leaves_nothing_and_may_be_tried_again(self, sales, monkeypatch):
        from core.api.resources import DocumentView

        answer = DocumentView.answer
        monkeypatch.setattr(DocumentView, "answer", lambda *_a, **_k: 1 / 0)
        problem(sales.post("leads/", LEAD, Idempotency_Key="a"), 500)
        assert not Lead.objects.exists()
        assert not ApiAnswer.objects.exists()
        monkeypatch.setattr(DocumentView, "answer", answer)
        assert sales.post("leads/", LEAD, Idempotency_Key="a").status_code == 201

    def test_after_a_day_it_is_forgotten(self, sales):
        sales.post("leads/", LEAD, Idempotency_Key="a")
        assert answers.purge() == 0
        ApiAnswer.objects.update(created_at=timezone.now() - answers.KEPT)
        assert sales.post("leads/", LEAD, Idempotency_Key="a").status_code == 201
        assert Lead.objects.count() == 2
        ApiAnswer.objects.update(created_at=timezone.now() - answers.KEPT)
        assert answers.purge() == 1


@pytest.mark.django_db(transaction=True)
def test_the_second_of_two_at_the_same_time_is_told_so():
    from django.contrib.auth.models import Group

    user = factories.UserFactory()
    user.groups.add(Group.objects.get(name="sales"))
    token, plain = ApiToken.issue(user=user, name="x", scope="write", expires_at=timezone.now() + timedelta(days=1))
    held, done = threading.Event(), threading.Event()

    def hold():
        try:
            with transaction.atomic():
                answers._lock(token.pk, "a")
                held.set()
                done.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    caller = Caller(plain)
    response = caller.post("leads/", LEAD, Idempotency_Key="a")
    problem(response, 409)
    assert response["Retry-After"] == "1"
    done.set()
    thread.join()
    assert caller.post("leads/", LEAD, Idempotency_Key="a").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_many_at_the_same_time_do_it_once():
    from django.contrib.auth.models import Group

    user = factories.UserFactory()
    user.groups.add(Group.objects.get(name="sales"))
    _token, plain = ApiToken.issue(user=user, name="x", scope="write", expires_at=timezone.now() + timedelta(days=1))
    statuses: list[int] = []

    def send():
        try:
            for _try in range(50):
                status = Caller(plain).post("leads/", LEAD, Idempotency_Key="a").status_code
                if status != 409:
                    break
                time.sleep(0.05)
            statuses.append(status)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 6
    assert Lead.objects.count() == 1

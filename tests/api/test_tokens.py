"""The page of one's own tokens."""

import pytest
from django.utils import timezone

from core.models import ApiToken

FORM = {"name": "Shop", "scope": "read", "days": "30"}
URL = "/profile/tokens/"


class TestTokens:
    def test_a_new_one_is_shown_once_and_works(self, cast, client_of, client):
        browser = client_of(cast.sales)
        response = browser.post(URL, FORM)
        assert response.status_code == 201
        assert "no-store" in response["Cache-Control"]
        token = ApiToken.objects.get()
        plain = response.context["plain"]
        assert token.user == cast.sales
        assert plain in response.content.decode()
        assert plain not in browser.get(URL).content.decode()
        assert token.prefix in browser.get(URL).content.decode()
        assert 29 <= (token.expires_at - timezone.now()).days <= 30
        assert (
            client.get("/api/v1/me/", headers={"Authorization": f"Bearer {plain}"}).json()["token"]["scope"] == "read"
        )

    @pytest.mark.parametrize("wrong", [{"name": ""}, {"scope": "all"}, {"days": "9999"}, {"name": "a\0b"}])
    def test_nonsense_is_told(self, cast, client_of, wrong):
        assert client_of(cast.sales).post(URL, FORM | wrong).status_code == 422
        assert not ApiToken.objects.exists()

    def test_not_without_end(self, cast, client_of):
        browser = client_of(cast.sales)
        for _ in range(20):
            browser.post(URL, FORM)
        assert browser.post(URL, FORM).status_code == 422
        assert ApiToken.objects.count() == 20

    def test_revoked_by_its_owner_only(self, cast, client_of):
        plain = client_of(cast.sales).post(URL, FORM).context["plain"]
        token = ApiToken.objects.get()
        assert client_of(cast.admin).post(f"{URL}{token.pk}/revoke/").status_code == 404
        assert client_of(cast.sales).get(f"{URL}{token.pk}/revoke/").status_code == 405
        assert client_of(cast.sales).post(f"{URL}{token.pk}/revoke/").status_code == 302
        token.refresh_from_db()
        assert token.revoked_at is not None
        call = client_of(cast.sales).get("/api/v1/me/", headers={"Authorization": f"Bearer {plain}"})
        assert call.status_code == 401

    def test_without_a_role_none(self, cast, client_of, client):
        assert client_of(cast.nobody).get(URL).status_code == 403
        assert client.get(URL).status_code == 302


class TestDocumentation:
    def test_the_schema_for_those_who_are_logged_in_or_have_a_token(self, cast, client, client_of, sales):
        assert client.get("/api/v1/schema/").status_code == 401
        by_session = client_of(cast.sales).get("/api/v1/schema/", headers={"Accept-Language": "en"}).json()
        assert by_session["openapi"].startswith("3.1")
        assert sales.get("schema/").json()["paths"].keys() == by_session["paths"].keys()
        assert client_of(cast.sales).post("/api/v1/schema/").status_code in (403, 405)

    def test_the_page_stands_on_our_own_files(self, cast, client, client_of):
        assert client.get("/api/v1/docs/").status_code == 302
        response = client_of(cast.sales).get("/api/v1/docs/")
        assert response.status_code == 200
        text = response.content.decode()
        assert "http://" not in text.replace("http://www.w3.org", "").replace("http://testserver", "")
        assert "swagger-ui.js" in text
        assert "unsafe" not in response["Content-Security-Policy"]

    def test_it_is_complete(self, db):
        from core.api import openapi

        found = openapi.schema()
        operations = [op for ops in found["paths"].values() for op in ops.values()]
        names = [op["operationId"] for op in operations]
        assert len(names) == len(set(names))
        assert {"quotes_send", "leads_convert", "contracts_draft_invoice", "leads_list", "leads_create"} <= set(names)
        assert all(op["security"] == [{"token": []}] and {"401", "429"} <= op["responses"].keys() for op in operations)
        send = found["components"]["schemas"]["QuoteSend"]
        assert list(send["properties"]) == ["message"]
        leads = {p["name"] for p in found["paths"]["/api/v1/leads/"]["get"]["parameters"]}
        assert {"state", "score_min", "created_at_after", "q", "limit", "after", "mine"} <= leads

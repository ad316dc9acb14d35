"""Every verb and hand-over of the API against those who may not: generated, so that a new one is tested unasked."""

import pytest

from core.models import Event
from tests.api.test_reading import make
from zencrm.api import APIS

ACTS = [(api.prefix, act) for api in APIS for act in api.all_acts()]


@pytest.mark.parametrize(("prefix", "act"), ACTS, ids=[f"{prefix}-{act}" for prefix, act in ACTS])
def test_who_may_not_changes_nothing(cast, caller_of, prefix, act):
    record = make(prefix, cast.pm)
    events = Event.objects.count()
    url = f"{prefix}/{record.pk}/{act}/"
    assert caller_of(cast.nobody).post(url).status_code == 403
    assert caller_of(cast.admin, scope="read").post(url).status_code == 403
    stranger = caller_of(cast.sales2).post(url)
    hidden = caller_of(cast.sales2).get(f"{prefix}/{record.pk}/").status_code != 200
    assert stranger.status_code in ((403, 404) if hidden else (200, 201, 204, 403, 409, 422))
    if stranger.status_code in (403, 404):
        assert Event.objects.count() == events
    assert caller_of(cast.admin).get(url).status_code == 405
    assert caller_of(cast.admin).post(f"{prefix}/987654321/{act}/").status_code == 404


@pytest.mark.django_db  # some choices are rows
@pytest.mark.parametrize("api", APIS, ids=[api.prefix for api in APIS])
def test_every_page_of_the_document_is_found(api):
    """A renamed page would silently take its part of the API away."""
    assert api.page("list") is not None
    assert api.page("detail") is not None
    if api.verbs():
        assert api.page("act") is not None
    for name in {**api.handovers(), **api.acts}:
        assert hasattr(api.handover_page(name), "perform"), name
    assert {field.name for field in (*api.columns(), *api.further())} >= {"id", "created_at", "updated_at"}
    assert not {"token", "search", "pdf", "thread", "secret"} & {
        field.name for field in (*api.columns(), *api.further())
    }

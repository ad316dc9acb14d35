"""Every verb of every document, generated from the state machines: a new verb or state is tested without being asked for."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.module_loading import import_string

from core import access
from core.lifecycle import Refused, edges, verbs
from core.models import Delivery, Stateful
from tests import factories

pytestmark = pytest.mark.django_db

MODELS = [model for model in apps.get_models() if issubclass(model, Stateful) and model is not Delivery]
VERBS = [(model, verb) for model in MODELS for verb in verbs(model).values()]
WRONG = [(m, v, s) for m, v in VERBS for s in m.State.values if s not in v.sources]


def name(value):
    return getattr(value, "__name__", None) or getattr(value, "name", None) or str(value)


def make(model, **values):
    return getattr(factories, f"{model.__name__}Factory")(**values)


def somebody(cast, *codenames):
    """A user with exactly these rights and no record of their own."""
    group = Group.objects.create(name=" ".join(codenames))
    group.permissions.set(Permission.objects.filter(codename__in=codenames))
    assert group.permissions.count() == len(codenames)
    user = factories.UserFactory()
    user.groups.add(group)
    return user


@pytest.mark.parametrize(("model", "verb", "state"), WRONG, ids=name)
def test_a_wrong_state_is_refused(model, verb, state):
    record = make(model, state=state)
    with pytest.raises(Refused) as refused:
        getattr(record, verb.name)(by=access.JOB)
    assert refused.value.reasons
    record.refresh_from_db()
    assert record.state == state


@pytest.mark.parametrize(("model", "verb"), VERBS, ids=name)
def test_whoever_has_no_right_is_denied(model, verb, cast):
    record = make(model, state=verb.sources[0])
    with pytest.raises(PermissionDenied):
        getattr(record, verb.name)(by=cast.nobody)
    if "customer" not in verb.open_to:
        with pytest.raises(PermissionDenied):
            getattr(record, verb.name)(by=access.Customer("Somebody"))


@pytest.mark.parametrize(("model", "verb"), VERBS, ids=name)
def test_a_verb_says_what_it_is(model, verb):
    assert str(verb.label)
    assert bool(verb.event) == bool(str(verb.past))
    assert Permission.objects.filter(
        content_type__app_label=model._meta.app_label, codename=f"{verb.name}_{model._meta.model_name}"
    )
    if verb.form and verb.by_hand:
        assert import_string(verb.form)


@pytest.mark.parametrize(("model", "verb"), VERBS, ids=name)
def test_the_page_of_a_verb_is_closed_to_strangers_and_the_unentitled(model, verb, cast, client_of):
    """A stranger's record does not exist (404); one that is seen but may not be acted on is 403; visitors log in."""
    kind = model._meta.model_name
    record = make(model, state=verb.sources[0], owner=cast.sales)
    url = reverse(f"{model._meta.app_label}:{kind}_act", args=[record.pk, verb.name])
    stranger = somebody(cast, f"view_{kind}", f"{verb.name}_{kind}")
    assert client_of(stranger).post(url).status_code == 404
    unentitled = somebody(cast, f"view_{kind}", f"see_all_{kind}")
    assert client_of(unentitled).post(url).status_code == (403 if verb.by_hand else 404)
    assert client_of(cast.nobody).post(url).status_code == 403
    record.refresh_from_db()
    assert record.state == verb.sources[0]


@pytest.mark.parametrize("model", MODELS, ids=name)
def test_every_state_can_be_reached(model):
    reached = {"draft", "new", "identified", "planned", "pending", "uploaded"} | {
        target for _source, target in edges(model)
    }
    assert reached >= set(model.State.values)

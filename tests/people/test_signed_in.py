"""Who is signed in: the session and the user with their rights, one question each, true at this moment."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.utils import timezone

from people.backends import RoleBackend
from people.models import User

pytestmark = pytest.mark.django_db

LEADS, EMPLOYEES = "/leads/", "/employees/"


def signed_in(user):
    return RoleBackend().get_user(user.pk)


def test_the_user_is_the_one_of_the_database_in_every_column(cast):
    user, plain = signed_in(cast.sales), User.objects.get(pk=cast.sales.pk)
    assert user == plain
    columns = [field.attname for field in User._meta.concrete_fields]
    assert [getattr(user, name) for name in columns] == [getattr(plain, name) for name in columns]
    assert not user.get_deferred_fields()
    user.phone = "02 1234567"
    user.save()
    assert User.objects.get(pk=user.pk).phone == "02 1234567"


def test_rights_come_with_the_user_and_are_those_of_the_roles(cast, django_assert_num_queries):
    expected = set(
        Permission.objects.filter(group__user=cast.manager).values_list("content_type__app_label", "codename")
    )
    signed_in(cast.manager)
    with django_assert_num_queries(1):
        found = signed_in(cast.manager).get_all_permissions()
    assert found == {".".join(right) for right in expected}
    assert found


def test_a_right_given_to_or_taken_from_a_role_counts_on_the_next_page(cast, client_of):
    client, role = client_of(cast.sales), Group.objects.get(name="sales")
    right = Permission.objects.get(codename="view_lead")
    assert client.get(LEADS).status_code == 200
    role.permissions.remove(right)
    assert client.get(LEADS).status_code == 403
    role.permissions.add(right)
    assert client.get(LEADS).status_code == 200
    Group.permissions.through.objects.filter(group=role, permission=right).delete()
    assert client.get(LEADS).status_code == 403


def test_who_leaves_a_role_loses_its_rights_and_who_takes_another_has_those(cast, client_of):
    client = client_of(cast.sales)
    assert client.get(LEADS).status_code == 200
    cast.sales.groups.set([Group.objects.get(name="hr")])
    assert client.get(LEADS).status_code == 403
    assert client.get(EMPLOYEES).status_code == 200
    cast.sales.groups.clear()
    assert client.get(EMPLOYEES).status_code == 403


def test_a_role_that_is_deleted_gives_nothing(cast, client_of):
    client = client_of(cast.sales)
    Group.objects.get(name="sales").delete()
    assert client.get(LEADS).status_code == 403


def test_who_is_locked_out_is_not_signed_in(cast, client_of):
    client = client_of(cast.sales)
    User.objects.filter(pk=cast.sales.pk).update(is_active=False)
    assert signed_in(cast.sales) is None
    assert client.get(LEADS).status_code == 302


def test_who_is_gone_is_not_signed_in():
    assert RoleBackend().get_user(2_000_000_000) is None


def test_a_superuser_has_every_right():
    root = User.objects.create_superuser("root", password="not-a-secret-one")
    assert signed_in(root).has_perm("leads.delete_lead")
    assert signed_in(root).get_all_permissions() == signed_in(root).get_group_permissions()


def test_a_session_ends_when_it_says_so(cast, client_of):
    client = client_of(cast.sales)
    assert client.get(LEADS).status_code == 200
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get(LEADS).status_code == 302


def test_a_session_that_was_ended_is_gone_at_once(cast, client_of):
    client = client_of(cast.sales)
    Session.objects.all().delete()
    assert client.get(LEADS).status_code == 302


BENT = ("", "x", "-1", "nobody-has-this-session-key-at-all", "a" * 5000, "è" * 20, '"0\\000secret-of-nobody"')


@pytest.mark.parametrize("key", BENT)
def test_a_bent_session_cookie_is_no_session(client, key):
    client.cookies["sessionid"] = "x"
    client.cookies["sessionid"].set("sessionid", key, key)
    assert client.get(LEADS).status_code == 302

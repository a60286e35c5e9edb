"""The law of roles and rights, against its two tables as tests/law.py has them."""

import pytest

from accounts.models import Account
from billing.models import Bill
from conferences.models import Conference
from tests import make
from tests.law import (
    EVERY_SET_OF_RIGHTS,
    ON_A_CONFERENCE,
    ON_THE_ACCOUNT,
    RIGHTS,
    ROLES,
    expected_on_account,
    expected_on_conference,
)
from users import policy
from users.models import User


def allowed_on_account(user):
    return {name for name in ON_THE_ACCOUNT if user.has_perm(name)}


def allowed_on_conference(user, conference):
    return {name for name in ON_A_CONFERENCE if user.has_perm(name, conference)}


def person(account, role, conference=None, rights=(), **fields):
    """A user of `role` as their next request finds them, with `rights` ticked."""
    made = make.user(account=account, role=role, **fields)
    if rights:
        make.rights(made, conference, *rights)
    return User.objects.get(pk=made.pk)


@pytest.fixture
def bill(account):
    return make.frozen_bill(account=account)


def test_the_tables_name_every_permission_of_the_policy():
    assert set(ON_THE_ACCOUNT) == set(policy.ACCOUNT_GRANTS)
    assert set(ON_A_CONFERENCE) == set(policy.CONFERENCE_GRANTS)
    assert set(ROLES) == set(policy.Role)
    assert set(RIGHTS) == set(policy.Right)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_on_the_account_what_the_table_says(account, role):
    assert allowed_on_account(person(account, role)) == expected_on_account(role)


@pytest.mark.parametrize("role", ROLES)
def test_what_is_allowed_on_one_conference_is_allowed_anywhere(account, conference, role):
    make.conference(account=account, name="Without rights")
    for rights in EVERY_SET_OF_RIGHTS:
        user = person(account, role, conference, rights)

        anywhere = {name for name in ON_A_CONFERENCE if user.may_anywhere(name)}

        assert anywhere == expected_on_conference(role, rights)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("rights", EVERY_SET_OF_RIGHTS, ids="+".join)
def test_rights_allow_on_a_conference_what_the_table_says(account, conference, role, rights):
    user = person(account, role, conference, rights)

    assert allowed_on_conference(user, conference) == expected_on_conference(role, rights)


@pytest.mark.parametrize("role", ROLES)
def test_rights_on_one_conference_are_none_on_another(account, conference, role):
    other = make.conference(account=account, name="Board")
    user = person(account, role, conference, RIGHTS)

    assert allowed_on_conference(user, other) == expected_on_conference(role, [])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("rights", EVERY_SET_OF_RIGHTS, ids="+".join)
def test_visible_conferences_are_those_that_has_perm_allows(
    account, conference, stranger, role, rights
):
    make.conference(account=account, name="Board")
    make.conference(account=stranger.account, name="Elsewhere")
    user = person(account, role, conference, rights)

    for permission in ON_A_CONFERENCE:
        visible = set(Conference.objects.visible_to(user, permission))
        allowed = {one for one in Conference.objects.all() if user.has_perm(permission, one)}
        assert visible == allowed, permission


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("model", "permission"),
    [
        (Account, "accounts.view_account"),
        (User, "users.view_user"),
        (Bill, "billing.view_bill"),
    ],
)
def test_visible_rows_are_those_of_the_own_account_that_has_perm_allows(
    account, stranger, bill, role, model, permission
):
    make.frozen_bill(account=stranger.account)
    user = person(account, role)
    of_own_account = {row for row in model.objects.all() if getattr(row, "account", row) == account}

    visible = set(model.objects.visible_to(user))

    assert visible == (of_own_account if user.has_perm(permission) else set())


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("is_active", [True, False])
def test_entitled_to_bills_are_those_who_may_receive_them(account, role, is_active):
    user = person(account, role, is_active=is_active)

    entitled = set(User.objects.entitled_to_bills())

    assert entitled == ({user} if user.has_perm("billing.receive_bill") else set())


def test_staff_are_in_no_user_list(admin, staff):
    assert set(User.objects.visible_to(admin)) == {admin}


@pytest.mark.parametrize("role", ROLES)
def test_an_inactive_person_may_nothing(account, conference, bill, role):
    user = person(account, role, conference, RIGHTS, is_active=False)

    assert allowed_on_account(user) == set()
    assert allowed_on_conference(user, conference) == set()
    for permission in ON_A_CONFERENCE:
        assert set(Conference.objects.visible_to(user, permission)) == set()
    for model in (Account, User, Bill):
        assert set(model.objects.visible_to(user)) == set()


@pytest.mark.parametrize("role", ROLES)
def test_a_strangers_conference_is_closed_even_where_rights_are_ticked(stranger, conference, role):
    user = person(stranger.account, role, conference, RIGHTS)

    assert allowed_on_conference(user, conference) == set()
    assert set(Conference.objects.visible_to(user)) == set()


def test_a_billing_user_with_leftover_rights_has_none(account, conference):
    user = person(account, "billing", conference, RIGHTS)

    assert allowed_on_conference(user, conference) == set()
    assert set(Conference.objects.visible_to(user)) == set()


def test_a_changed_role_works_on_the_next_request(account, conference):
    before = person(account, "basic", conference, ["view"])
    User.objects.filter(pk=before.pk).update(role="billing")

    now = User.objects.get(pk=before.pk)

    assert allowed_on_account(now) == expected_on_account("billing")
    assert allowed_on_conference(now, conference) == set()


def test_changed_rights_work_on_the_next_request(account, conference):
    before = person(account, "basic", conference, ["full"])
    assert before.has_perm("conferences.change_conference", conference)
    before.rights.all().delete()
    make.rights(before, conference, "recording")

    now = User.objects.get(pk=before.pk)

    assert allowed_on_conference(now, conference) == expected_on_conference("basic", ["recording"])


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "permission", ["conferences.view_pin", "view_conference", "conferences.View_conference", ""]
)
def test_an_undeclared_permission_raises(account, conference, role, permission):
    user = person(account, role)

    with pytest.raises(policy.UndeclaredPermission):
        user.has_perm(permission)
    with pytest.raises(policy.UndeclaredPermission):
        user.has_perm(permission, conference)
    with pytest.raises(policy.UndeclaredPermission):
        Conference.objects.visible_to(user, permission)


def test_a_permission_on_a_conference_needs_one_and_others_take_none(admin, conference):
    with pytest.raises(TypeError):
        admin.has_perm("conferences.view_conference")
    with pytest.raises(TypeError):
        admin.has_perm("accounts.view_account", conference)


def test_rights_are_read_once_for_many_questions(account, conference, django_assert_num_queries):
    user = person(account, "basic", conference, ["view"])

    with django_assert_num_queries(1):
        allowed_on_conference(user, conference)

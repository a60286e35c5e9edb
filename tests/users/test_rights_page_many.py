"""Edit User Rights of somebody of another account, and where there are many conferences."""

import pytest

from conferences.models import Conference
from tests import make
from tests.pages import sign_in
from tests.users.rights_form import address, form_of, fresh


@pytest.mark.parametrize("name", ["rights_edit", "rights_draft"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_account_s_person_is_not_found(client, stranger, basic, name, method):
    sign_in(client, stranger)

    status = getattr(client, method)(address(name, basic), {"role": "admin"}).status_code

    assert status == (405 if (name, method) == ("rights_draft", "get") else 404)


@pytest.mark.parametrize("conferences", [1, 3, 500])
def test_more_conferences_take_no_more_queries(
    client, admin, basic, conferences, django_assert_num_queries
):
    made = Conference.objects.bulk_create(
        Conference(account=admin.account, name=f"Line {number}", number=f"7{number:04}")
        for number in range(conferences)
    )
    for one in made[:3]:
        make.rights(basic, one, "view")
    sign_in(client, admin)

    with django_assert_num_queries(5):
        response = client.get(address("rights_edit", basic))

    assert response.content.decode().count('type="checkbox"') == 4 * conferences


def test_five_hundred_conferences_are_updated_at_once(
    client, admin, basic, django_assert_max_num_queries
):
    made = Conference.objects.bulk_create(
        Conference(account=admin.account, name=f"Line {number}", number=f"7{number:04}")
        for number in range(500)
    )
    sign_in(client, admin)
    sent = form_of(client.get(address("rights_edit", basic)))
    sent["ticked"] = [f"{one.pk}:{right}" for one in made for right in ("view", "full")]

    with django_assert_max_num_queries(20):
        client.post(address("rights_edit", basic), sent)

    assert fresh(basic).rights.count() == 1000

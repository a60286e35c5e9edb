"""The words say what the policy allows: all of it, and no more."""

from itertools import chain, combinations

import pytest

from users import policy, wording

EVERY_SET_OF_RIGHTS = list(chain.from_iterable(combinations(policy.Right, n) for n in range(5)))


def meant(words, parts):
    """Return the permissions that the `words` stand for."""
    return set().union(*(permissions for said, permissions in parts if str(said) in words))


@pytest.mark.parametrize("role", policy.Role)
def test_words_about_the_account_mean_what_the_role_may(role):
    said = meant(wording.account_words(role), wording.ON_THE_ACCOUNT)

    assert said == {name for name in policy.ACCOUNT_GRANTS if policy.allows(role, name)}


@pytest.mark.parametrize("role", policy.Role)
@pytest.mark.parametrize("rights", EVERY_SET_OF_RIGHTS, ids="+".join)
def test_words_about_a_conference_mean_what_the_rights_allow(role, rights):
    said = meant(wording.conference_words(role, rights), wording.ON_A_CONFERENCE)

    assert said == {
        name for name in policy.CONFERENCE_GRANTS if policy.allows_on_conference(role, rights, name)
    }


def test_every_role_has_its_sentence():
    assert set(wording.ABOUT_ROLES) == set(policy.Role)

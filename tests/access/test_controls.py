"""Controls: with any one check taken out, some answer is wrong."""

import pytest

from tests.access import world as worlds
from tests.access.addresses import addresses
from tests.access.asking import who_is_not_asked_again, wrong_answers
from tests.access.mutants import mutants_of
from tests.access.table import ROUTES
from tests.access.visitors import TELLING

#: Checks of which these answers can tell nothing, and why: by function and check.
NOT_TOLD = {
    ("_people", "visible_to"): "home() asks for the permission, and counts only active people",
    ("user_view", "visible_to"): "what another sees is shown, to an Admin who sees all of it",
    ("person_to_change", "not request.user.has_perm('users.change_user')"): (
        "whoever sees the account's people may change them too"
    ),
    ("_warn_of_clashes", "visible_to"): "tests/conferences/test_dates.py",
    ("_pin_to_change", "not request.user.has_perm(permission, pin.conference)"): (
        "whoever sees a kind of PIN may change it too"
    ),
    ("while_looking", "not request.user.is_staff"): "tests/accuconf/test_looking.py",
    ("look_start", "not look.may_look(request.user)"): "tests/accuconf/test_looking.py",
    ("look_start", "@require_POST"): "tests/accuconf/test_looking.py",
    ("live_call_out", "not settings.OUT_DIAL_REGIONS"): "tests/conferences/test_live_call.py",
}
#: Gates by the middleware that keeps them, with an address that shows the gate gone.
GATES = {
    "django.contrib.auth.middleware.LoginRequiredMiddleware": "accounts:account_view",
    "users.middleware.FirstSignInMiddleware": "accounts:account_view",
    "users.middleware.SecondFactorMiddleware": "accounts:account_view",
    "accuconf.looking.middleware.LookingMiddleware": "accounts:account_view",
    "accuconf.middleware.StaffToTheBackOfficeMiddleware": "accounts:account_view",
}


def modules():
    """Return the modules of our own declared views, with the addresses that each serves."""
    served = {}
    for address in addresses():
        if address.name in ROUTES and address.is_ours:
            served.setdefault(address.module, []).append(address.name)
    return served


MUTANTS = [
    mutant
    for module in modules()
    for mutant in mutants_of(module)
    if (mutant.function, mutant.check) not in NOT_TOLD
]


def in_its_run(mutant):
    """Return the mutant as a case, of the long run where only a limit of methods is missing."""
    is_about_methods = mutant.check.startswith("@require_")
    return pytest.param(mutant, id=str(mutant), marks=[pytest.mark.full] * is_about_methods)


@pytest.mark.parametrize("mutant", [in_its_run(mutant) for mutant in MUTANTS])
def test_a_check_taken_out_is_noticed(db, monkeypatch, mutant):
    world = worlds.build()
    concerned = mutant.replace(monkeypatch) or modules()[mutant.module]

    assert any(is_answered_wrongly(world, name) for name in concerned)


@pytest.mark.parametrize("gate", GATES)
def test_a_gate_taken_out_is_noticed(db, settings, gate):
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if one != gate]

    assert is_answered_wrongly(worlds.build(), GATES[gate])


def is_answered_wrongly(world, name):
    """Tell whether anybody is answered otherwise than declared."""
    wrong = wrong_answers(world, name, methods=["GET", "POST", "PUT"], visitors=TELLING)
    return next(wrong, None) is not None or bool(who_is_not_asked_again(world, name))

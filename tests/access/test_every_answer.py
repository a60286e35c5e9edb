"""Every address, method, visitor and thing: the answer is that of the law."""

import pytest
from django.urls import reverse

from tests.access import world as worlds
from tests.access.asking import ask, who_is_not_asked_again, wrong_answers
from tests.access.table import ROUTES
from tests.access.targets import targets
from tests.access.visitors import TELLING, everybody

#: A method that hardly any address declares stands for the others in the short run.
UNDECLARED = "DELETE"
#: Addresses at which it matters what is ticked: one for each permission on a conference.
ABOUT_CONFERENCES = {
    "home", "conferences:conference_list", "conferences:conference_view", "conferences:pin_view",
    "conferences:pin_add", "conferences:date_edit", "conferences:conference_edit",
    "conferences:invitation_list", "conferences:live_view", "conferences:recordings",
    "conferences:recording_audio", "conferences:recording_delete",
}  # fmt: skip


@pytest.fixture
def world(db):
    return worlds.build()


@pytest.mark.parametrize("name", ROUTES)
def test_answers_of(world, name):
    methods = [*(set(ROUTES[name].methods) - {"HEAD", "OPTIONS"}), UNDECLARED]
    visitors = None if name in ABOUT_CONFERENCES else TELLING

    assert dict(wrong_answers(world, name, methods=methods, visitors=visitors)) == {}


@pytest.mark.full
@pytest.mark.parametrize("name", ROUTES)
def test_every_answer_of(world, name):
    assert dict(wrong_answers(world, name)) == {}


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.asks_again])
def test_who_did_not_prove_lately_who_they_are_is_asked(world, name):
    assert who_is_not_asked_again(world, name) == []


@pytest.mark.parametrize("name", [name for name, route in ROUTES.items() if route.thing])
def test_what_is_not_yours_looks_like_what_never_was(world, name):
    route = ROUTES[name]
    bodies = {
        (visitor, method, ask(client, method, reverse(name, args=target.arguments)).body)
        for visitor, client in clients(world, ["admin", "basic", "basic, view", "billing"])
        for target in targets(world, route.thing)
        if target.owner != "home"
        for method in set(route.methods) - {"HEAD", "OPTIONS"}
    }

    assert len(bodies) == len({(visitor, method) for visitor, method, _ in bodies})


def clients(world, names):
    return [(name, visitor.client()) for name, visitor in everybody(world, names).items()]

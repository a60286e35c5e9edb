"""A bridge that asks the portal, one that the portal controls, two PINs, and a listener."""

import pytest
from django.utils import timezone

from accuconf.sandbox.bridge import Caller
from conferences.services.bridges import make_key
from tests import make
from tests.conferences.cast import ANN, DIGITS, RENEE
from tests.pages import sign_in


@pytest.fixture
def bridge(db):
    return make.bridge(name="bridge1")


@pytest.fixture
def key(bridge):
    return make_key(bridge, now=timezone.now())


@pytest.fixture
def ask(client, key):
    """Asks one of the bridge's addresses, as the bridge."""

    def asked(path, **form):
        return client.post(f"/bridge/{path}", form, headers={"Authorization": f"Bearer {key}"})

    return asked


@pytest.fixture
def switch(connect_bridge, conference):
    """A FreeSWITCH on which Ann moderates the conference and Renée listens."""
    made = connect_bridge()
    ann = Caller(ANN, "13125550100", is_moderator=True)
    made.open(conference.number, ann, Caller(RENEE, "33142685300"))
    return made


@pytest.fixture
def pin(conference):
    return make.pin(conference=conference, digits=DIGITS, holder_name="Ana Moss")


@pytest.fixture
def moderator_pin(conference):
    return make.pin(conference=conference, kind="moderator", digits="715820394")


@pytest.fixture
def listener(client, basic, conference):
    """A Basic user with the Recording right alone, signed in."""
    make.rights(basic, conference, "recording")
    sign_in(client, basic)
    return basic

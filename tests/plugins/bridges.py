"""A bridge that speaks the real control protocols over sockets, and misbehaves when told to."""

from contextlib import ExitStack

import pytest

from accuconf.sandbox.bridge import EventSocketHandler, ManagerHandler, Switch, serve
from conferences.bridge import control
from tests import make

HANDLERS = {"freeswitch": EventSocketHandler, "asterisk": ManagerHandler}


@pytest.fixture
def connect_bridge(db, monkeypatch):
    """Return a function that makes a bridge of a kind, ready to be controlled: (its switch)."""
    monkeypatch.setattr(control, "PATIENCE_SECONDS", 0.4)
    with ExitStack() as running:

        def connect(kind="freeswitch", **fields):
            switch = Switch()
            server = running.enter_context(serve(switch, HANDLERS[kind]))
            bridge = make.bridge(
                kind=kind,
                control_host="127.0.0.1",
                control_port=server.port,
                control_user=switch.user,
                **fields,
            )
            bridge.control_password = switch.password
            bridge.save()
            return switch

        yield connect

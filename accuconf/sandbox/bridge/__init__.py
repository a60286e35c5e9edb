"""The sandbox's telephone bridge: no telephones, but both control protocols, spoken over sockets.

It holds calls of people who are not there, and does with them what it is told. The demo shows one
of its calls; the tests let it misbehave.
"""

from accuconf.sandbox.bridge.event_socket import EventSocketHandler
from accuconf.sandbox.bridge.manager_interface import ManagerHandler
from accuconf.sandbox.bridge.switch import Caller, Room, Switch
from accuconf.sandbox.bridge.talking import serve

__all__ = ["Caller", "EventSocketHandler", "ManagerHandler", "Room", "Switch", "serve"]

"""A FreeSWITCH that is a script: it does with a call what its configuration and the portal say.

It reads deploy/bridge/freeswitch as the switch would and speaks as mod_xml_curl and mod_httapi do
(read in their source), permissions included. It has no telephony: keys are given beforehand, and
what a caller would hear is written down.
"""

import re
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import requests

from tests.conferences import in_process

FOLDER = Path("deploy/bridge/freeswitch")
SECONDS = 5


@dataclass
class Done:
    """What became of a call."""

    heard: list = field(default_factory=list)
    variables: dict = field(default_factory=dict)
    room: str = ""
    profile: str = ""
    hung_up: str = ""


class PermissionRefused(Exception):
    """The portal asked for more than the configuration grants it."""


class Switch:
    """One switch, of the bridge `name`; its portal is at `portal`."""

    def __init__(self, *, portal, name, key):
        given = {"accuconf_portal": portal, "accuconf_bridge": name, "accuconf_key": key}
        self.globals = defaults() | given
        self.http = in_process.session()
        self.rooms = {
            profile.get("name"): parameters(profile)
            for profile in self.read("autoload_configs/conference.conf.xml").iter("profile")
        }
        self.binding = parameters(
            self.read("autoload_configs/xml_curl.conf.xml").find(".//binding")
        )
        self.httapi = self.read("autoload_configs/httapi.conf.xml").find(".//profile")
        self.gateway = parameters(self.httapi.find("params"))

    def read(self, name):
        """Read a file as the switch does: `$${…}` filled in before it is parsed."""
        text = (FOLDER / name).read_text()
        return ElementTree.fromstring(
            re.sub(r"\$\$\{(\w+)\}", lambda found: self.globals.get(found[1], "somewhere"), text)
        )

    def call(self, dialled, *, keys=(), caller="12125550123"):
        """Let `caller` dial a number and key in `keys`, one text for each time they are asked."""
        call = Call(self, dialled, caller, list(keys))
        call.run(self.dialplan_for(call))
        return call.done

    def dialplan_for(self, call):
        """Return the steps for a call: the portal's, or those of our files where it has none."""
        form = {"section": "dialplan", "Hunt-Destination-Number": call.dialled}
        answer = self.post(self.binding, form | {"Hunt-Context": "public"})
        own = self.read("dialplan/public/99_accuconf_try_later.xml")
        for source in [answer, own]:
            for condition in source.iter("condition") if source is not None else ():
                if re.search(condition.get("expression"), call.dialled):
                    return [(step.get("application"), step.get("data", "")) for step in condition]
        return []

    def post(self, gateway, form):
        """Post as the modules do; None where that fails, as where the answer is no XML."""
        assert gateway["method"] == "POST"
        try:
            response = self.http.post(
                gateway["gateway-url"],
                data=form,
                auth=tuple(gateway["gateway-credentials"].split(":", 1)),
                timeout=SECONDS,
            )
        except requests.ConnectionError:
            return None
        if response.status_code != 200 or "text/xml" not in response.headers["Content-Type"]:
            return None
        return ElementTree.fromstring(response.content)


class Call:
    """One call, and how the steps of a dialplan are carried out on it."""

    def __init__(self, switch, dialled, caller, keys):
        self.switch, self.dialled, self.caller, self.keys = switch, dialled, caller, keys
        self.params = {
            "session_id": str(uuid.uuid4()),
            "Caller-Caller-ID-Number": caller,
            "Caller-Destination-Number": dialled,
        }
        self.done = Done()

    def run(self, steps):
        for application, data in steps:
            if self.done.hung_up:
                return
            match application:
                case "set":
                    name, _, value = data.partition("=")
                    self.done.variables[name] = value
                case "playback":
                    self.done.heard.append(data)
                case "hangup":
                    self.done.hung_up = data
                case "httapi":
                    self.follow_the_portal()
                case _:
                    assert application in {"answer", "sleep"}

    def follow_the_portal(self):
        """Ask the portal what to do, do it, and ask again, until it fails or the call ends."""
        assert self.done.variables["httapi_profile"] == self.switch.httapi.get("name")
        once = {}
        while not self.done.hung_up:
            document = self.switch.post(self.switch.gateway, self.params | once)
            if document is None:
                return
            self.params |= {child.tag: child.text for child in document.find("params") or ()}
            for variable in document.find("variables") or ():
                self.set(variable.tag, variable.text)
            once = self.work(document.find("work"))
        self.switch.post(self.switch.gateway, self.params | {"exiting": "true"})

    def set(self, name, value):
        granted = self.switch.httapi.find(".//permission[@name='set-vars']")
        if name not in {variable.get("name") for variable in granted.iter("variable")}:
            raise PermissionRefused(name)
        self.done.variables[name] = value

    def work(self, steps):
        """Carry out a list of work; return what is sent back once."""
        once = {}
        for step in steps:
            if self.done.hung_up:
                return once
            match step.tag:
                case "playback":
                    self.done.heard.append(step.get("file"))
                    once |= self.keyed_in(step)
                case "conference":
                    self.done.room, self.done.profile = step.text, step.get("profile")
                case "hangup":
                    self.done.hung_up = step.get("cause", "NORMAL_CLEARING")
                case _:
                    raise PermissionRefused(step.tag)
        return once

    def keyed_in(self, step):
        """Return the digits that the caller gives to a question, where they are of its form."""
        bind = step.find("bind")
        if bind is None or not self.keys:
            return {}
        digits = self.keys.pop(0)
        if not re.fullmatch(bind.text.removeprefix("~"), digits):
            return {}
        return {step.get("name"): digits.partition(bind.get("strip"))[0]}


def defaults():
    """Return the variables of accuconf.xml, which must name all that the other files use."""
    steps = ElementTree.parse(FOLDER / "accuconf.xml").iter("X-PRE-PROCESS")
    return dict(step.get("data").split("=", 1) for step in steps)


def parameters(element):
    return {each.get("name"): each.get("value") for each in element.iter("param")}

"""An Asterisk that is a script: it carries out the dialplan of deploy/bridge/asterisk.

It knows as much of the dialplan's language as stands there, and stops at anything else. There is no
telephony: keys are given beforehand, and what a caller would hear is written down.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote

import requests

from tests.conferences import in_process

FOLDER = Path("deploy/bridge/asterisk")
STEP = re.compile(r"(?:exten => (?P<exten>[^,]+),1,|same => n(?:\((?P<label>\w+)\))?,)(?P<step>.+)")
COMPARED = re.compile(r'"(?P<left>[^"]*)" (?P<sign>=|!=) "(?P<right>[^"]*)"')
RECKONED = re.compile(r"(?P<left>\d+) (?P<sign>[+<]) (?P<right>\d+)")
SECONDS = 5


@dataclass
class Done:
    """What became of a call."""

    heard: list = field(default_factory=list)
    events: list = field(default_factory=list)
    profiles: dict = field(default_factory=dict)
    room: str = ""
    menu: str = ""
    hung_up: str | None = None


class Asterisk:
    """One Asterisk, of the bridge `name`; its portal is at `portal`."""

    def __init__(self, *, portal, name, key):
        self.globals = {
            "ACCUCONF_PORTAL": portal,
            "ACCUCONF_BRIDGE": name,
            "ACCUCONF_KEY": key,
            "ACCUCONF_RECORDINGS": "/recordings",
        }
        self.contexts = read_dialplan()
        self.http = in_process.session()

    def call(self, dialled, *, keys=(), caller="12125550123", result="HANGUP"):
        """Let `caller` dial a number and key in `keys`; `result` is how ConfBridge ends."""
        call = Call(self, dialled, caller, list(keys), result)
        call.run()
        return call.done


class Call:
    """One channel in the dialplan."""

    def __init__(self, asterisk, dialled, caller, keys, result):
        self.asterisk, self.caller, self.keys, self.result = asterisk, caller, keys, result
        self.variables = dict(asterisk.globals, EXTEN=dialled, UNIQUEID="1788271290.18")
        self.options, self.hashes, self.fields = {}, {}, []
        self.context, self.exten, self.place = "accuconf", dialled, 0
        self.done = Done()

    def run(self):
        """Go on from step to step until the call hangs up, then to `h`."""
        while self.done.hung_up is None:
            steps = self.steps()
            assert self.place < len(steps), "the dialplan ends without hanging up"
            step = steps[self.place][1]
            self.place += 1
            self.carry_out(step)
        self.exten, self.place = "h", 0
        for _, step in self.steps():
            self.carry_out(step)

    def steps(self):
        extens = self.asterisk.contexts[self.context]
        return next(steps for pattern, steps in extens.items() if matches(pattern, self.exten))

    def carry_out(self, step):
        application, _, arguments = step.partition("(")
        arguments = self.filled(arguments.removesuffix(")"))
        getattr(self, f"do_{application.lower()}")(arguments)

    def do_answer(self, _):
        pass

    do_wait = do_answer

    def do_set(self, arguments):
        name, _, value = arguments.partition("=")
        function, _, inner = name.removesuffix(")").partition("(")
        match function:
            case "CURLOPT":
                self.options[inner] = value
            case "HASH" if "," in inner:
                self.hashes[inner] = value
            case "HASH":
                for key, said in zip(self.fields, parted(value), strict=False):
                    self.hashes[f"{inner},{key}"] = said
            case "CONFBRIDGE":
                self.done.profiles[inner] = value
            case "CHANNEL":
                assert inner == "userfield"
            case _:
                self.variables[name] = value

    def do_goto(self, arguments):
        self.context, self.exten, _ = arguments.split(",")
        self.variables["EXTEN"] = self.exten
        self.place = 0

    def do_gotoif(self, arguments):
        condition, _, label = arguments.partition("?")
        if is_true(condition):
            self.place = [name for name, _ in self.steps()].index(label)

    def do_execif(self, arguments):
        condition, _, step = arguments.partition("?")
        if is_true(condition):
            self.carry_out(step)

    def do_read(self, arguments):
        name, prompt, *_ = arguments.split(",")
        self.done.heard.append(prompt)
        self.variables[name] = self.keys.pop(0) if self.keys else ""

    def do_playback(self, arguments):
        self.done.heard.append(arguments)

    def do_celgenuserevent(self, arguments):
        self.done.events.append(tuple(arguments.split(",")))

    def do_confbridge(self, arguments):
        self.done.room, _, _, self.done.menu = arguments.split(",")
        self.variables["CONFBRIDGE_RESULT"] = self.result

    def do_hangup(self, arguments):
        self.done.hung_up = arguments

    def filled(self, text):
        """Return `text` with each `${…}` and `$[…]` in it evaluated, the inner ones first."""
        while found := re.search(r"\$\{([^${}]*)\}|\$\[([^$\[\]]*)\]", text):
            value = self.value(found[1]) if found[1] is not None else reckoned(found[2])
            text = text[: found.start()] + value + text[found.end() :]
        return text

    def value(self, name):
        function, is_function, inner = name.removesuffix(")").partition("(")
        if not is_function:
            return self.variables.get(name, "")
        match function:
            case "CALLERID":
                return self.caller
            case "FILTER":
                allowed, _, given = inner.partition(",")
                return re.sub(f"[^{allowed}]", "", given)
            case "URIENCODE":
                return quote(inner, safe="")
            case "IF":
                condition, _, choice = inner.partition("?")
                yes, _, no = choice.partition(":")
                return yes if is_true(condition) else no
            case "HASH":
                return self.hashes.get(inner, "")
            case "CURL":
                return self.curl(*inner.split(",", 1))
        raise NotImplementedError(name)

    def curl(self, address, form):
        """Post as func_curl does with `hashcompat`; empty where that fails."""
        assert self.options["ssl_verifypeer"] == "1"
        assert self.options["hashcompat"] == "yes"
        try:
            answer = self.asterisk.http.post(
                address,
                data=form,
                auth=tuple(self.options["userpwd"].split(":", 1)),
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                timeout=SECONDS,
            )
        except requests.ConnectionError:
            self.fields = []
            return ""
        pairs = parse_qsl(answer.text, keep_blank_values=True)
        self.fields = [name for name, _ in pairs]
        return ",".join(re.sub(r"([,\\])", r"\\\1", said) for _, said in pairs)


def read_dialplan():
    """Return the contexts: for each pattern of numbers the steps, (label, text) each."""
    contexts, extens, steps = {}, {}, []
    for line in (FOLDER / "extensions.conf").read_text().splitlines():
        line = line.strip()
        if not line or line.startswith((";", "#include")):
            continue
        if line.startswith("["):
            extens = contexts[line.strip("[]")] = {}
            continue
        found = STEP.fullmatch(line)
        assert found, line
        if found["exten"]:
            steps = extens[found["exten"]] = []
        steps.append((found["label"], found["step"]))
    return contexts


def matches(pattern, number):
    """Tell whether a number is of a pattern such as _X., or a name such as h."""
    if not pattern.startswith("_"):
        return pattern == number
    as_regex = pattern[1:].replace("+", r"\+").replace(".", ".+").replace("X", "[0-9]")
    return re.fullmatch(as_regex, number) is not None


def is_true(condition):
    return condition not in {"", "0"}


def reckoned(expression):
    """Evaluate what stands in `$[…]`: a comparison of texts, or a sum or comparison of numbers."""
    if found := COMPARED.fullmatch(expression):
        are_equal = found["left"] == found["right"]
        return str(int(are_equal == (found["sign"] == "=")))
    found = RECKONED.fullmatch(expression)
    left, right = int(found["left"]), int(found["right"])
    return str(left + right if found["sign"] == "+" else int(left < right))


def parted(text):
    """Part a list at its commas, but for those behind a backslash."""
    return [re.sub(r"\\(.)", r"\1", item) for item in re.split(r"(?<!\\),", text)]

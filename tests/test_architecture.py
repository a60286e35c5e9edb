"""The house keeps its shape: who may import whom, how long things grow, what pages may hold.

Each rule is a function that lists offences in one file; every rule is also shown an offender.
"""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
#: From the ground up: each may import only itself and those before it.
APPS = ["accounts", "users", "conferences", "billing", "accuconf"]
FORBIDDEN_NAMES = {"utils", "helpers", "common", "misc"}
LONGEST_FILE = 300
#: One file whatever its length: an operator looks for a setting in one place.
SETTINGS = "accuconf/settings.py"
LONGEST_FUNCTION = 40
#: Which files alone may import a library that the rest must not know; the sandbox may too.
LIBRARY_DOORS = {
    "cryptography": "accounts/sealing",
    "facturx": "billing/einvoice",
    "genesis": "conferences/bridge",
    "icalendar": "conferences/calendar",
    "panoramisk": "conferences/bridge",
    "storages": "conferences/recordings",
    "stripe": "billing/gateway",
    "weasyprint": "billing/pdf",
    "xlsxwriter": "accounts/excel_files",
}
#: Rooms that stand at the door and may look at the clock; all others are told the time.
ROOMS_WITH_A_CLOCK = {
    "adapter", "admin", "backends", "bridge", "commands", "home", "middleware", "sandbox", "staff",
    "tasks", "views", "webhooks",
}  # fmt: skip
CLOCKS = {
    "timezone.now", "datetime.now", "datetime.today", "datetime.utcnow", "date.today",
    "time.time", "time.time_ns", "functions.Now", "Now",
}  # fmt: skip
#: Not pages: mail programs know only inline styles, and the PDF has no browser.
OUTSIDE_THE_BROWSER = re.compile(r"(^|/)mail/|_pdf\.html$")


def modules():
    """Give every Python file of the apps as (path from the root, source)."""
    for app in APPS:
        for file in sorted((ROOT / app).rglob("*.py")):
            yield file.relative_to(ROOT).as_posix(), file.read_text()


def templates():
    """Give every HTML template as (path from the root, source)."""
    for folder in [ROOT / "templates", *(ROOT / app for app in APPS)]:
        for file in sorted(folder.rglob("*.html")):
            yield file.relative_to(ROOT).as_posix(), file.read_text()


def stylesheets():
    """Give every stylesheet of ours as (path from the root, source)."""
    for file in sorted((ROOT / "static/css").glob("*.css")):
        yield file.relative_to(ROOT).as_posix(), file.read_text()


def imports(path, source):
    """List (line, dotted name) of every import, those inside functions too."""
    package = path.split("/")[:-1]
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            found += [(node.lineno, f"{base}.{alias.name}") for alias in node.names]
    return found


def dotted(node):
    """Return `a.b` of an attribute or the name of a name; "" for anything else."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value).split('.')[-1]}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def imports_upwards(path, source):
    own = APPS.index(path.split("/")[0])
    unknown = {*APPS[own + 1 :], "tests"}
    return [
        f"{path}:{line} imports {name}"
        for line, name in imports(path, source)
        if name.split(".")[0] in unknown
    ]


def imports_a_library_past_its_door(path, source):
    if path.startswith("accuconf/sandbox/"):
        return []
    return [
        f"{path}:{line} imports {name}"
        for line, name in imports(path, source)
        for library, door in LIBRARY_DOORS.items()
        if name.split(".")[0] == library and not re.match(rf"{door}(/|\.py$)", path)
    ]


def imports_signals(path, source):
    return [
        f"{path}:{line} imports {name}"
        for line, name in imports(path, source)
        if name.startswith("django.dispatch") or "signals" in name.split(".")
    ]


def has_a_vague_name(path, source):
    vague = FORBIDDEN_NAMES & {part.removesuffix(".py") for part in path.split("/")}
    return [f"{path} says nothing by {name}" for name in sorted(vague)]


def is_too_long(path, source):
    lines = source.count("\n")
    if "/migrations/" in path or path == SETTINGS or lines <= LONGEST_FILE:
        return []
    return [f"{path} has {lines} lines"]


def has_a_long_function(path, source):
    if "/migrations/" in path:
        return []
    return [
        f"{path}:{node.lineno} {node.name} has {length} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := node.end_lineno - node.lineno + 1) > LONGEST_FUNCTION
    ]


def reads_the_clock(path, source):
    """List each mention of a clock; `default=` of a model field, unread until later, is none."""
    if ROOMS_WITH_A_CLOCK & {part.removesuffix(".py") for part in path.split("/")}:
        return []
    tree = ast.parse(source)
    defaults = {
        id(keyword.value)
        for keyword in ast.walk(tree)
        if isinstance(keyword, ast.keyword) and keyword.arg == "default"
    }
    return [
        f"{path}:{node.lineno} reads {dotted(node)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name)
        and dotted(node) in CLOCKS
        and not (id(node) in defaults and re.search("models|migrations", path))
    ]


class InlineCode(HTMLParser):
    """Collects what our Content-Security-Policy would make a browser ignore."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        data_only = attributes.get("type") == "application/json"
        if tag == "style" or (tag == "script" and "src" not in attributes and not data_only):
            self.found.append((self.getpos()[0], f"<{tag}>"))
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.found.append((self.getpos()[0], f"{name}="))
            if (value or "").strip().lower().startswith("javascript:"):
                self.found.append((self.getpos()[0], "javascript:"))


def holds_inline_code(path, source):
    if OUTSIDE_THE_BROWSER.search(path):
        return []
    parser = InlineCode()
    parser.feed(re.sub(r"\{#.*?#\}|\{%.*?%\}", " ", source))
    parser.close()
    return [f"{path}:{line} holds {what}" for line, what in parser.found]


def is_a_partial_without_its_comment(path, source):
    if not path.split("/")[-1].startswith("_") or source.startswith(("{#", "{% comment")):
        return []
    return [f"{path}:1 must say its inputs in a comment"]


def leaves_a_brace_open(path, source):
    """Find the rules that stand in another: browsers hang all that follows into it, silently."""
    around, found = [], []
    for line, words in enumerate(re.sub(r"/\*.*?\*/", "", source).splitlines(), start=1):
        for brace in re.findall(r"[{}]", words):
            if brace == "}":
                around = around[:-1]
                continue
            if around and not around[-1].startswith("@"):
                found.append(f"{path}:{line} is within {around[-1]}")
            around.append(words.strip())
    return found + [f"{path} never closes {rule}" for rule in around]


#: Each rule with a file that breaks it, so that a blind rule is noticed.
MODULE_RULES = [
    (imports_upwards, "users/models.py", "from conferences.models import Conference"),
    (imports_upwards, "billing/pdf.py", "def late():\n    import accuconf.sandbox.stripe"),
    (imports_upwards, "conferences/models/pin.py", "from ...billing import models"),
    (imports_upwards, "accounts/models.py", "from tests import make"),
    (imports_a_library_past_its_door, "billing/views.py", "import stripe"),
    (imports_a_library_past_its_door, "billing/gateways.py", "from stripe import StripeClient"),
    (imports_a_library_past_its_door, "accuconf/celery.py", "def late():\n    import weasyprint"),
    (imports_signals, "users/apps.py", "from django.dispatch import receiver"),
    (imports_signals, "users/apps.py", "from django.db.models.signals import post_save"),
    (imports_signals, "users/apps.py", "from django.db.models import signals"),
    (has_a_vague_name, "billing/utils.py", ""),
    (has_a_vague_name, "billing/helpers/money.py", ""),
    (is_too_long, "billing/bill.py", "\n" * 301),
    (has_a_long_function, "billing/bill.py", "def long():\n" + "    pass\n" * 40),
    (reads_the_clock, "billing/services/issue.py", "now = timezone.now()"),
    (reads_the_clock, "billing/services/issue.py", "now = dt.datetime.now(tz=dt.UTC)"),
    (reads_the_clock, "billing/rating.py", "def rate(default=timezone.now): pass"),
    (reads_the_clock, "billing/rating.py", "rate(default=timezone.now)"),
    (reads_the_clock, "users/models.py", "DateTimeField(default=timezone.now())"),
    (reads_the_clock, "users/models.py", "from django.db.models.functions import Now\nNow()"),
]
TEMPLATE_RULES = [
    (holds_inline_code, "templates/base.html", '<p {% if wide %}style="width: 9em"{% endif %}>'),
    (holds_inline_code, "templates/base.html", "<style>p { margin: 0 }</style>"),
    (holds_inline_code, "templates/base.html", "<script>alert(1)</script>"),
    (holds_inline_code, "templates/base.html", '<button onclick="go()">'),
    (holds_inline_code, "templates/base.html", '<a href="javascript:go()">'),
    (is_a_partial_without_its_comment, "templates/_menu.html", "<nav></nav>\n{# late #}"),
]
STYLESHEET_RULES = [
    (leaves_a_brace_open, "static/css/a.css", ".a {\n  margin: 0;\n.b {\n}\n}"),
    (leaves_a_brace_open, "static/css/a.css", "@media print {\n.a {\n}\n"),
]


def distinct(rules):
    return list(dict.fromkeys(rule for rule, *_ in rules))


@pytest.mark.parametrize("rule", distinct(MODULE_RULES))
def test_every_module_keeps_to(rule):
    offences = [offence for path, source in modules() for offence in rule(path, source)]

    assert offences == []


@pytest.mark.parametrize("rule", distinct(TEMPLATE_RULES))
def test_every_template_keeps_to(rule):
    offences = [offence for path, source in templates() for offence in rule(path, source)]

    assert offences == []


@pytest.mark.parametrize("rule", distinct(STYLESHEET_RULES))
def test_every_stylesheet_keeps_to(rule):
    offences = [offence for path, source in stylesheets() for offence in rule(path, source)]

    assert offences == []


@pytest.mark.parametrize(
    ("rule", "path", "source"), MODULE_RULES + TEMPLATE_RULES + STYLESHEET_RULES
)
def test_each_rule_finds_its_offender(rule, path, source):
    assert len(rule(path, source)) == 1


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (imports_upwards, "billing/rating.py", "from accounts.money import Money"),
        (imports_a_library_past_its_door, "billing/gateway.py", "import stripe"),
        (imports_a_library_past_its_door, "accuconf/sandbox/stripe/app.py", "import stripe"),
        (reads_the_clock, "users/models.py", "DateTimeField(default=timezone.now)"),
        (reads_the_clock, "billing/management/commands/sweep.py", "timezone.now()"),
        (holds_inline_code, "templates/base.html", '<script src="{% static "a.js" %}"></script>'),
        (is_a_partial_without_its_comment, "templates/_menu.html", "{# of: menu #}\n<nav>"),
        (leaves_a_brace_open, "static/css/a.css", "@media print {\n.a {\n}\n}\n.b { margin: 0 }"),
    ],
)
def test_what_is_in_order_is_let_be(rule, path, source):
    assert rule(path, source) == []


def test_every_package_has_its_place_in_the_order():
    packages = {file.parent.name for file in ROOT.glob("*/__init__.py")}

    assert packages == set(APPS)

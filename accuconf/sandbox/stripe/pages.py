"""What a browser gets from the stand-in: Stripe.js, the card fields, and the bank's question."""

import contextlib
import re
import urllib.parse
from pathlib import Path

from .api import Answer
from .authentication import authenticate
from .errors import Refused

FOLDER = Path(__file__).parent / "browser"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}
FILES = {
    "/fields": "fields.html",
    "/fields.js": "fields.js",
    "/challenge": "challenge.html",
    "/challenge.js": "challenge.js",
    "/done": "done.html",
    "/done.js": "done.js",
    "/style.css": "style.css",
}


def answer(world, method, path, form):
    """Answer a request that is neither API nor control. Raises Refused."""
    if method == "POST" and path == "/challenge":
        return _challenged(world, form)
    if re.fullmatch(r"/v3/?|/[a-z]+/stripe\.js", path):
        return _file("stripe.js")
    if path in FILES:
        return _file(FILES[path])
    raise Refused(404, f"There is no page {path}.")


def _file(name):
    kind = TYPES[Path(name).suffix]
    return Answer(200, (FOLDER / name).read_bytes(), {"Content-Type": kind})


def _challenged(world, form):
    """Take the holder's answer; go back to the page that sent the browser here, if one did."""
    with world.lock:
        intent = world.get(form["intent"])
        if intent is None:
            raise Refused(404, "No such intent.")
        with contextlib.suppress(Refused):  # declined after all: the intent says so
            authenticate(world, intent, success=form["result"] == "complete")
        world.save()
    back = form.get("return_url")
    return _see_other(_returned(back, intent) if back else "/done")


def _returned(back, intent):
    noun = intent["object"]
    succeeded = intent["status"] == "succeeded"
    query = {
        noun: intent["id"],
        f"{noun}_client_secret": intent["client_secret"],
        "redirect_status": "succeeded" if succeeded else "failed",
    }
    return f"{back}{'&' if '?' in back else '?'}{urllib.parse.urlencode(query)}"


def _see_other(url):
    return Answer(303, b"", {"Content-Type": "text/plain", "Location": url})

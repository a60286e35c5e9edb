"""A visit to the running portal as a browser makes it: sign in, open a bill, open its PDF."""

import hashlib
import re
import time
from http.cookiejar import CookieJar
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, Request, build_opener

BILLS = "/customer/bills/"
SECONDS_FOR_THE_PDF = 90


class VisitFailed(Exception):
    """The portal did not show what a customer should see; the text says where."""


class Page(NamedTuple):
    """What an address answered, after redirects."""

    url: str
    status: int
    etag: str
    body: bytes

    def find(self, pattern: str) -> str:
        """Return what the pattern's group finds. Raises VisitFailed."""
        match = re.search(pattern, self.body.decode())
        if match is None:
            raise VisitFailed(f"{self.url} holds no {pattern}")
        return match[1]


class Visitor:
    """A session with cookies at the portal of `origin`."""

    def __init__(self, origin: str):
        self.origin = origin
        self.browser = build_opener(HTTPCookieProcessor(CookieJar()))

    def open(self, address: str, form: dict[str, str] | None = None) -> Page:
        """Open a page, or send a form to it. Raises VisitFailed."""
        url = urljoin(self.origin, address)
        data = urlencode(form).encode() if form is not None else None
        request = Request(url, data, {"Referer": url})
        try:
            with self.browser.open(request, timeout=30) as answer:
                etag = answer.headers.get("ETag", "")
                return Page(answer.url, answer.status, etag, answer.read())
        except HTTPError as error:
            with error:
                raise VisitFailed(f"{url} answers {error.code}") from error

    def sign_in(self, email: str, password: str) -> None:
        """Fill in the sign-in form as a person does. Raises VisitFailed."""
        form = self.open("/customer/")
        token = form.find(r'name="csrfmiddlewaretoken" value="([^"]+)"')
        fields = {"csrfmiddlewaretoken": token, "login": email, "password": password}
        page = self.open(form.url, fields)
        if page.url == form.url:
            raise VisitFailed(f"{email} cannot sign in at {form.url}")


def visit(origin: str, email: str, password: str) -> str:
    """Sign in, open the newest bill and its PDF, and return a sentence about what was seen.

    Raises VisitFailed.
    """
    visitor = Visitor(origin)
    visitor.sign_in(email, password)
    address = visitor.open(BILLS).find(rf'href="({BILLS}\d+/)"')
    visitor.open(address)
    pdf = _when_made(visitor, address + "pdf/")
    sha256 = hashlib.sha256(pdf.body).hexdigest()
    if not pdf.body.startswith(b"%PDF-") or sha256 not in pdf.etag:
        raise VisitFailed(f"{pdf.url} is not the PDF that was kept as {pdf.etag}")
    return f"{email} signed in and opened {address} and its PDF of {len(pdf.body):,} bytes"


def _when_made(visitor: Visitor, address: str) -> Page:
    """Return the PDF; while the worker still makes it, the portal answers 202."""
    give_up = time.monotonic() + SECONDS_FOR_THE_PDF
    while (page := visitor.open(address)).status != 200:
        if time.monotonic() > give_up:
            raise VisitFailed(f"{page.url} is still not made")
        time.sleep(0.5)
    return page

"""The one way in which the portal calls a company's provider: guarded, short and small."""

import ipaddress
import json
import time
from http import HTTPStatus
from typing import Any

import requests
from django.conf import settings
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from users.models.single_sign_on import may_be_called
from users.single_sign_on.refusals import ProviderTrouble

CONNECT_AND_READ_SECONDS = (3, 5)
LONGEST_SECONDS = 10
LARGEST_BYTES = 512 * 1024


def fetch_json(url: str, *, method: str = "GET", **options: Any) -> dict[str, Any]:
    """Return the JSON object that `url` answers; `options` are those of requests.

    Raises ProviderTrouble, which says what is wrong in words.
    """
    refuse_insecure(url)
    try:
        status, body = _exchange(method, url, **options)
    except (requests.RequestException, HTTPError, OSError) as error:
        raise ProviderTrouble(f"{url} cannot be reached ({type(error).__name__}).") from error
    if status != HTTPStatus.OK:
        raise ProviderTrouble(f"{url} answered with status {status}.")
    return _parsed(url, body)


def _exchange(method: str, url: str, **options: Any) -> tuple[int, bytes]:
    """Send one request, which is never led on to another address; return status and body."""
    options |= {"timeout": CONNECT_AND_READ_SECONDS, "allow_redirects": False, "stream": True}
    with GuardedSession() as session, session.request(method, url, **options) as response:
        return response.status_code, _read(response)


def refuse_insecure(url: str) -> None:
    """Raise ProviderTrouble unless `url` may be called."""
    if not may_be_called(url):
        raise ProviderTrouble(f"{url} is not an https address.")


class GuardedSession(requests.Session):
    """Requests that know no proxy, no .netrc, and outside the sandbox no inner address."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.mount("https://", _GuardedAdapter())
        self.mount("http://", _GuardedAdapter())


class _PublicPeer:
    """A connection that is given up, before a word is sent, where its other end is not public.

    Asking the connection itself, rather than the name server first, leaves no moment in which a
    name could come to mean another address.
    """

    def _new_conn(self):
        connection = super()._new_conn()
        peer = ipaddress.ip_address(connection.getpeername()[0])
        if not settings.SANDBOX and not is_public(peer):
            connection.close()
            raise OSError(f"{peer} is not a public address")
        return connection


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether `address` is of the open internet, also where IPv6 wraps an IPv4 one."""
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    return inner.is_global and not inner.is_multicast


class _Connection(_PublicPeer, HTTPConnection):
    pass


class _SecureConnection(_PublicPeer, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _GuardedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


def _read(response: requests.Response) -> bytes:
    """Return the body, read piece by piece so that neither size nor time has no end."""
    body, give_up_at = b"", time.monotonic() + LONGEST_SECONDS
    while piece := response.raw.read1(65536, decode_content=True):
        body += piece
        if len(body) > LARGEST_BYTES or time.monotonic() > give_up_at:
            raise requests.RequestException("the answer has no end")
    return body


def _parsed(url: str, body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ProviderTrouble(f"{url} does not answer in JSON.") from error
    if not isinstance(answer, dict):
        raise ProviderTrouble(f"{url} does not answer with a JSON object.")
    return answer

"""Sign-ins: in which browsers somebody is signed in, and ending them."""

import datetime as dt
from collections.abc import Iterable

from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db.models import F, QuerySet

from accounts.actors import Actor
from accounts.services.audit import record
from users.browsers import browser_of
from users.models import User

#: Kept where sessions are cached: a sign-in's row would otherwise be written at each request.
LAST_SEEN_KEY = "last-seen:{}"


def note_seen(session_key: str, *, seconds: int, now: dt.datetime) -> None:
    """Remember for so many `seconds` that somebody was there with this session at `now`."""
    cache.set(LAST_SEEN_KEY.format(session_key), now, seconds)


def sign_ins_of(user: User, *, current: str, now: dt.datetime) -> list[UserSession]:
    """List the sign-ins of `user` that still work, the current session's first, then the newest.

    Each gets `browser`, `seen_at` and `is_this`.
    """
    rows = UserSession.objects.filter(user=user).order_by("-created_at", "-pk")
    sessions = Session.objects.filter(expire_date__gt=now).in_bulk(
        [row.session_key for row in rows]
    )
    expected = user.get_session_auth_hash()
    working = [
        row
        for row in rows
        if row.session_key in sessions
        and sessions[row.session_key].get_decoded().get(HASH_SESSION_KEY) == expected
    ]
    seen = cache.get_many([LAST_SEEN_KEY.format(row.session_key) for row in working])
    for row in working:
        row.browser = browser_of(row.user_agent)
        row.seen_at = seen.get(LAST_SEEN_KEY.format(row.session_key), row.created_at)
        row.is_this = row.session_key == current
    return sorted(working, key=lambda row: not row.is_this)


def end_sign_in(sign_in: UserSession, *, by: Actor, now: dt.datetime) -> None:
    """End one sign-in: its next request finds nobody signed in."""
    sign_in.end()
    _note("ended a sign-in of", [sign_in], by=by, now=now)


def end_sign_ins(sign_ins: Iterable[UserSession], *, by: Actor, now: dt.datetime) -> int:
    """End all these sign-ins of one person, and return how many they were."""
    ended = list(sign_ins)
    for sign_in in ended:
        sign_in.end()
    if ended:
        _note("ended the other sign-ins of", ended, by=by, now=now)
    return len(ended)


def end_all_sign_ins(people: QuerySet[User]) -> int:
    """End whatever sign-ins `people` have, and return how many people those are.

    Whoever calls this writes down why.
    """
    UserSession.objects.filter(user__in=people).delete()
    return people.update(sign_in_epoch=F("sign_in_epoch") + 1)


def _note(verb, ended, *, by, now):
    person = ended[0].user
    record(
        verb,
        person,
        by=by,
        now=now,
        account=person.account,
        before={"sign_ins": [f"{browser_of(one.user_agent)}, {one.ip}" for one in ended]},
    )

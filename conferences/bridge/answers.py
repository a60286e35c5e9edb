"""The decision about a call in the words of a bridge: as JSON has it, and as Asterisk's pairs.

FreeSWITCH expands `${…}` in what its dialplan is told, and by that runs commands; Asterisk's HASH
takes a quotation mark for the beginning of a text that runs over the next values. So nothing that a
customer has typed is ever in an answer to a switch: only numbers, and words of our own.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

from conferences.entering import Entry, Refusal

#: What may stand in an answer to a switch.
PLAIN = re.compile(r"[A-Za-z0-9_.-]{0,100}", re.ASCII)


class NotForSwitches(ValueError):
    """A text that must not reach the dialplan of a switch."""


def facts_of(outcome: Entry | Refusal) -> dict[str, str | bool]:
    """Return the decision as a bridge reads it, by names that docs/first-call.md lists."""
    if isinstance(outcome, Refusal):
        opens_at = outcome.opens_at.isoformat() if outcome.opens_at else ""
        return {"answer": "refuse", "reason": outcome.reason.value, "opens_at": opens_at}
    conference = outcome.conference
    return {
        "answer": "enter",
        "pin": outcome.pin_reference,
        "role": outcome.pin.kind,
        "conference": conference.number,
        "name": conference.name,
        "billing_code": outcome.billing_code,
        "moderator": outcome.is_moderator,
        "mute": outcome.is_muted,
        "wait": outcome.waits,
        "record": conference.records_automatically,
        "tones": conference.plays_entry_tones,
        "names": conference.announces_names,
    }


def as_pairs(outcome: Entry | Refusal) -> str:
    """Write the decision as `a=1&b=yes`, which Asterisk's CURL takes apart (hashcompat)."""
    facts = facts_of(outcome)
    facts.pop("name", None)
    plain(facts.get("conference", ""))
    words = {True: "yes", False: "no"}
    return urlencode({name: words.get(value, value) for name, value in facts.items()})


def plain(text: str) -> str:
    """Return `text`; raise NotForSwitches where a switch could take it for more than it is."""
    if not PLAIN.fullmatch(text):
        raise NotForSwitches(text)
    return text

"""One decision in the languages of the bridges: JSON, Asterisk's pairs, FreeSWITCH's XML.

FreeSWITCH expands `${…}` in what its dialplan is told, and by that runs commands; Asterisk's HASH
takes a quotation mark for the beginning of a text that runs over the next values. So nothing that a
customer has typed is ever in an answer to a switch: only numbers, and words of our own.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from conferences.entering import Entry, Reason, Refusal

#: What may stand in an answer to a switch.
PLAIN = re.compile(r"[A-Za-z0-9_.-]{0,100}", re.ASCII)
#: Recorded in every FreeSWITCH. The other sentences, one for each reason, are the operator's own.
ASK_FOR_PIN = "conference/conf-pin.wav"
WRONG_PIN = "conference/conf-bad-pin.wav"
TRY_LATER = "accuconf/try_later.wav"
SILENCE = "silence_stream://10"
#: A PIN, perhaps a star and a billing code, and the pound key.
DIGITS = r"~\d+\*?\d*#"


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
    _refuse_dangerous(facts.get("conference", ""))
    words = {True: "yes", False: "no"}
    return urlencode({name: words.get(value, value) for name, value in facts.items()})


def ask_for_pin(*, tries: int, is_wrong: bool = False) -> str:
    """Let FreeSWITCH ask for the PIN; `tries` is how often it has, this time included."""
    document, work = _httapi(params={"accuconf_tries": str(tries)})
    if is_wrong:
        SubElement(work, "playback", file=WRONG_PIN)
    ask = SubElement(
        work,
        "playback",
        {"file": ASK_FOR_PIN, "name": "pin", "digit-timeout": "5000", "input-timeout": "10000"},
    )
    SubElement(ask, "bind", strip="#").text = DIGITS
    return _text(document)


def let_in(entry: Entry) -> str:
    """Let FreeSWITCH put the caller into the conference, with its options, and hang up after."""
    conference = entry.conference
    variables = {
        "accuconf_pin": entry.pin_reference,
        "conference_member_flags": _flags(moderator=entry.is_moderator, mute=entry.is_muted),
        "conference_flags": _flags(**{"wait-mod": conference.waits_for_moderator}),
    }
    if entry.billing_code:
        variables["accuconf_billing_code"] = entry.billing_code
    for value in [*variables.values(), conference.number]:
        _refuse_dangerous(value)
    if not conference.plays_entry_tones:
        variables |= {"conference_enter_sound": SILENCE, "conference_exit_sound": SILENCE}
    document, work = _httapi(variables={name: said for name, said in variables.items() if said})
    profile = "accuconf-record" if conference.records_automatically else "accuconf"
    SubElement(work, "conference", profile=profile).text = conference.number
    SubElement(work, "hangup")
    return _text(document)


def turn_away(refusal: Refusal) -> str:
    """Let FreeSWITCH say why not, and hang up."""
    document, work = _httapi()
    is_wrong = refusal.reason == Reason.UNKNOWN
    SubElement(work, "playback", file=WRONG_PIN if is_wrong else f"accuconf/{refusal.reason}.wav")
    SubElement(work, "hangup")
    return _text(document)


def good_bye() -> str:
    """Answer a call that has ended."""
    document, work = _httapi()
    SubElement(work, "hangup")
    return _text(document)


def dialplan_of(number: str, *, context: str) -> str:
    """Let FreeSWITCH answer a call to `number`, and ask us on; should we fail then, say so."""
    _refuse_dangerous(number)
    _refuse_dangerous(context)
    document = Element("document", type="freeswitch/xml")
    section = SubElement(document, "section", name="dialplan")
    extension = SubElement(
        SubElement(section, "context", name=context), "extension", name="accuconf"
    )
    condition = SubElement(
        extension, "condition", field="destination_number", expression=rf"^\+?{number}$"
    )
    for application, data in [
        # No PIN in the log, nor in the call record (`digits_dialed`).
        ("set", "sensitive_dtmf=true"),
        ("set", r"digits_dialed_filter=(\d+)"),
        ("set", "httapi_profile=accuconf"),
        ("answer", ""),
        ("sleep", "500"),
        ("httapi", ""),
        ("playback", TRY_LATER),
        ("hangup", "NORMAL_TEMPORARY_FAILURE"),
    ]:
        SubElement(condition, "action", application=application, data=data)
    return _text(document)


def not_found() -> str:
    """Tell FreeSWITCH that we have nothing here: it goes on to its own files."""
    document = Element("document", type="freeswitch/xml")
    SubElement(SubElement(document, "section", name="result"), "result", status="not found")
    return _text(document)


def _httapi(*, params=None, variables=None) -> tuple[Element, Element]:
    """Begin a document for mod_httapi; return it and its list of work."""
    document = Element("document", type="xml/freeswitch-httapi")
    for tag, said in (("params", params), ("variables", variables)):
        if said:
            part = SubElement(document, tag)
            for name, value in said.items():
                SubElement(part, name).text = value
    return document, SubElement(document, "work")


def _flags(**flags: bool) -> str:
    """Name the flags that are up, as mod_conference reads them; empty for none."""
    return "|".join(name for name, is_up in flags.items() if is_up)


def _refuse_dangerous(text: str) -> None:
    """Raise NotForSwitches where a switch could take `text` for more than it is."""
    if not PLAIN.fullmatch(text.replace("|", "")):
        raise NotForSwitches(text)


def _text(document: Element) -> str:
    return ElementTree.tostring(document, encoding="unicode")

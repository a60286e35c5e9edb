"""What FreeSWITCH is told, in the XML of mod_xml_curl and mod_httapi.

Both were read in their source; deploy/bridge/freeswitch grants what is asked for here.
"""

from __future__ import annotations

from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from conferences.bridge.answers import plain
from conferences.entering import Entry, Reason, Refusal

#: Recorded in every FreeSWITCH. The other sentences, one for each reason, are the operator's own.
ASK_FOR_PIN = "conference/conf-pin.wav"
WRONG_PIN = "conference/conf-bad-pin.wav"
TRY_LATER = "accuconf/try_later.wav"
SILENCE = "silence_stream://10"
#: A PIN, perhaps a star and a billing code, and the pound key.
DIGITS = r"~\d+\*?\d*#"
#: What the dialplan does with a call. No PIN is in the log, nor in the record (`digits_dialed`);
#: the last two are for when we fail.
STEPS = [
    ("set", "sensitive_dtmf=true"),
    ("set", r"digits_dialed_filter=(\d+)"),
    ("set", "httapi_profile=accuconf"),
    ("answer", ""),
    ("sleep", "500"),
    ("httapi", ""),
    ("playback", TRY_LATER),
    ("hangup", "NORMAL_TEMPORARY_FAILURE"),
]


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
        "accuconf_billing_code": entry.billing_code,
        "conference_member_flags": _flags(moderator=entry.is_moderator, mute=entry.is_muted),
        "conference_flags": _flags(**{"wait-mod": conference.waits_for_moderator}),
    }
    if not conference.plays_entry_tones:
        variables |= {"conference_enter_sound": SILENCE, "conference_exit_sound": SILENCE}
    document, work = _httapi(variables={name: said for name, said in variables.items() if said})
    profile = "accuconf-record" if conference.records_automatically else "accuconf"
    SubElement(work, "conference", profile=profile).text = plain(conference.number)
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
    """Let FreeSWITCH answer a call to `number`, and ask us on."""
    document = Element("document", type="freeswitch/xml")
    section = SubElement(document, "section", name="dialplan")
    place = SubElement(section, "context", name=plain(context))
    condition = SubElement(
        SubElement(place, "extension", name="accuconf"),
        "condition",
        field="destination_number",
        expression=rf"^\+?{plain(number)}$",
    )
    for application, data in STEPS:
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


def _text(document: Element) -> str:
    return ElementTree.tostring(document, encoding="unicode")

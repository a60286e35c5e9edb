"""The shape of a conference CDR as the switch writes it: which element holds which, in order."""

from __future__ import annotations

import re
from collections import Counter

from conferences.records.leg import Reason
from conferences.records.switch_xml import Element, NotBySwitch

_PROFILE = (
    "username dialplan caller_id_name caller_id_number callee_id_name callee_id_number ani aniii "
    "network_addr rdnis destination_number uuid source (transfer_source )?context chan_name "
)
#: The children of each element that may have any. Each name is followed by a space; a profile's
#: own variables follow its fixed ones, and what is optional is left out by some versions.
_CHILDREN = {
    "cdr": "conference ",
    "conference": "name hostname rate interval start_time end_time members rejected ",
    "members": "(member )*",
    "member caller": "join_time leave_time flags caller_profile (channel_info )?(record_path )?",
    "member recording_node": "join_time leave_time (record_path )?",
    "flags": "is_moderator end_conference (mandatory_member_end_conference )?was_kicked is_ghost ",
    "caller_profile": _PROFILE + r"(\S+ )*",
    "channel_info": r"(\S+ )*",
    "rejected": "(attempt )*",
    "attempt": "reason reject_time (caller_profile )?",
}
_EPOCH = 'type="UNIX-epoch"'
_ATTRIBUTES = {
    "start_time": _EPOCH,
    "end_time": f'endconference_forced="(true|false)" {_EPOCH}',
    "member": 'type="(caller|recording_node)"',
    "join_time": _EPOCH,
    "leave_time": _EPOCH,
    "reject_time": _EPOCH,
}
_SECONDS = r"-?\d{1,19}"
_FLAG = "true|false"
_TEXT = {
    **dict.fromkeys(("start_time", "end_time", "join_time", "leave_time", "reject_time"), _SECONDS),
    **dict.fromkeys(("is_moderator", "end_conference", "was_kicked", "is_ghost"), _FLAG),
    "mandatory_member_end_conference": _FLAG,
}
_CHILDREN_PATTERN = {name: re.compile(pattern) for name, pattern in _CHILDREN.items()}
_ATTRIBUTES_PATTERN = {name: re.compile(pattern) for name, pattern in _ATTRIBUTES.items()}
_TEXT_PATTERN = {name: re.compile(pattern, re.ASCII) for name, pattern in _TEXT.items()}
_NOTHING = re.compile("")
_ANYTHING = re.compile(".*", re.DOTALL)
_MANY_OF_ONE_NAME = ("members", "rejected", "channel_info")


def expect_conference(root: Element) -> None:
    """Raises NotBySwitch unless `root` is a whole conference CDR and nothing more."""
    if root.tag != "cdr":
        raise NotBySwitch(Reason.NOT_AS_WRITTEN, f"The file holds <{root.tag}>, not <cdr>.")
    _expect(root)


def _expect(element: Element) -> None:
    _expect_attributes(element)
    pattern = _CHILDREN_PATTERN.get(_kind(element))
    if pattern is None:
        _expect_leaf(element)
        return
    tags = [child.tag for child in element.children]
    if not pattern.fullmatch("".join(f"{tag} " for tag in tags)) or (not tags and element.text):
        raise _surprise(element, "does not hold what the switch would have written")
    if element.tag not in _MANY_OF_ONE_NAME and max(Counter(tags).values()) > 1:
        raise _surprise(element, "holds one name twice")
    for child in element.children:
        _expect(child)


def _expect_leaf(element: Element) -> None:
    if element.children:
        raise _surprise(element, "holds elements")
    if not _TEXT_PATTERN.get(element.tag, _ANYTHING).fullmatch(element.text):
        raise _surprise(element, "does not hold the kind of text that the switch writes there")


def _expect_attributes(element: Element) -> None:
    names, values = element.attributes[::2], element.attributes[1::2]
    written = " ".join(f'{name}="{value}"' for name, value in zip(names, values, strict=True))
    if not _ATTRIBUTES_PATTERN.get(element.tag, _NOTHING).fullmatch(written):
        raise _surprise(element, "does not have the attributes that the switch writes")


def _kind(element: Element) -> str:
    return f"member {element.attributes[1]}" if element.tag == "member" else element.tag


def _surprise(element: Element, what: str) -> NotBySwitch:
    return NotBySwitch(Reason.NOT_AS_WRITTEN, f"<{element.tag}> in line {element.line} {what}.")

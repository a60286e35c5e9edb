"""Conference CDRs as the switch writes them, for tests; with the flaw in its escaping.

A text is escaped character by character, until `<!` is met: from there to its end it is copied as
it is. That lets a caller's display name carry markup into the file.
"""

from dataclasses import dataclass

EPOCH = {"type": "UNIX-epoch"}
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"}
DIALLED = "18005550100"


@dataclass
class Caller:
    """A member with a caller profile; instants in whole seconds since 1970."""

    joined: int
    left: int
    name: str
    number: str
    uuid: str
    dialled: str = DIALLED
    is_moderator: bool = False
    was_kicked: bool = False
    is_ghost: bool = False


@dataclass
class Recording:
    """A member without a caller: the recording of the conference."""

    joined: int
    left: int
    path: str


@dataclass
class Rejected:
    """A caller who was not let in."""

    reason: str
    at: int
    name: str
    number: str
    uuid: str
    dialled: str = DIALLED


def conference_cdr(
    *, number, started, ended, members=(), rejected=(), forced=False, hostname="bridge1"
):
    """Return the file of one held conference; `members` and `rejected` newest first."""
    conference = [
        ("name", {}, number),
        ("hostname", {}, hostname),
        ("rate", {}, "8000"),
        ("interval", {}, "20"),
        ("start_time", EPOCH, str(started)),
        ("end_time", {"endconference_forced": truth(forced), **EPOCH}, str(ended)),
        ("members", {}, [member_element(member) for member in members]),
        ("rejected", {}, [rejected_element(attempt) for attempt in rejected]),
    ]
    return '<?xml version="1.0"?>\n' + written(("cdr", {}, [("conference", {}, conference)]))


def member_element(member):
    times = [("join_time", EPOCH, str(member.joined)), ("leave_time", EPOCH, str(member.left))]
    if isinstance(member, Recording):
        path = ("record_path", {}, member.path)
        return ("member", {"type": "recording_node"}, [*times, path])
    flags = [
        ("is_moderator", {}, truth(member.is_moderator)),
        ("end_conference", {}, "false"),
        ("mandatory_member_end_conference", {}, "false"),
        ("was_kicked", {}, truth(member.was_kicked)),
        ("is_ghost", {}, truth(member.is_ghost)),
    ]
    parts = [*times, ("flags", {}, flags), profile_element(member)]
    return ("member", {"type": "caller"}, parts)


def rejected_element(attempt):
    reason = ("reason", {}, attempt.reason)
    return (
        "attempt",
        {},
        [reason, ("reject_time", EPOCH, str(attempt.at)), profile_element(attempt)],
    )


def profile_element(caller):
    texts = {
        "username": "",
        "dialplan": "XML",
        "caller_id_name": caller.name,
        "caller_id_number": caller.number,
        "callee_id_name": "",
        "callee_id_number": "",
        "ani": caller.number,
        "aniii": "",
        "network_addr": "192.0.2.10",
        "rdnis": "",
        "destination_number": caller.dialled,
        "uuid": caller.uuid,
        "source": "mod_sofia",
        "context": "public",
        "chan_name": f"sofia/external/{caller.number}@192.0.2.10",
    }
    return ("caller_profile", {}, [(tag, {}, text) for tag, text in texts.items()])


def written(element, indent=""):
    """Write (tag, attributes, text or elements), each element on a line of its own."""
    tag, attributes, content = element
    shown = "".join(f' {name}="{value}"' for name, value in attributes.items())
    if isinstance(content, str) or not content:
        return f"{indent}<{tag}{shown}>{escaped(content or '')}</{tag}>\n"
    inside = "".join(written(child, indent + "  ") for child in content)
    return f"{indent}<{tag}{shown}>\n{inside}{indent}</{tag}>\n"


def escaped(text):
    safe, mark, immune = text.partition("<!")
    return "".join(map(escape, safe)) + mark + immune


def escape(character):
    if ord(character) > 127:
        return f"&#x{ord(character):X};"
    return ESCAPES.get(character, character)


def truth(value):
    return "true" if value else "false"

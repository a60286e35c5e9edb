"""What an address may be asked for: a thing of the visitor's, one out of sight, another's, none."""

from typing import NamedTuple

from tests.access.world import AWAY, HOME

#: A number that no row ever had.
NEVER = 999_999_999


class Target(NamedTuple):
    """One thing that an address may name, and whose it is: of HOME, of AWAY, of nobody."""

    name: str
    arguments: list
    owner: str = ""
    is_ticked: bool = False
    #: What a permission about it leaves open: the kind of a PIN.
    kind: str = ""


def targets(world, thing):
    """List what an address that names a `thing`, or nothing (None), may be asked for."""
    home, away = world.home, world.away
    return {
        None: [Target("the page", [])],
        "conference": _of_conferences(world),
        "live call": _of_conferences(world, "lock"),
        "live caller": _of_conferences(world, "a-caller", "mute"),
        "call": _on_lines(world, home.call, world.unticked_call, away.call),
        "invitation": _on_lines(world, home.invitation, world.unticked_invitation, away.invitation),
        "PIN": _pins(world),
        "recording": _recordings(world),
        "bill": _owned(home.bill.number, away.bill.number),
        "bill line": _bill_lines(world),
        "credit note": _owned(home.credit_note.number, away.credit_note.number),
        "payment": [
            *_owned(home.payment.pk, away.payment.pk),
            Target("no payment", [home.payment.pk - 1]),
        ],
        "person": [
            *_owned(home.colleague.pk, away.colleague.pk),
            Target("removed", [home.removed.pk]),
            Target("staff", [world.staff.pk]),
        ],
        "sign-in": _of_others(home.sign_in, away.sign_in),
        "factor": _of_others(home.factor, away.factor),
        "token": [Target("none", ["never-given"])],
        "link": [Target("none", ["1", "never-given"])],
        "provider": [Target("none", ["nowhere"])],
    }[thing]


def _pins(world):
    """List PINs of the kinds that differ, and one that is asked for on the wrong conference."""
    own, away = world.home.conference, world.away.conference
    of_own = [
        Target(f"{pin.kind}, ticked", [own.pk, pin.pk], HOME, is_ticked=True, kind=pin.kind)
        for pin in own.pins.all()
    ]
    unseen, foreign = world.unticked.pins.get(), away.pins.filter(kind="participant").get()
    return [
        *of_own,
        Target("not ticked", [world.unticked.pk, unseen.pk], HOME, kind=unseen.kind),
        Target("another's", [away.pk, foreign.pk], AWAY, kind=foreign.kind),
        Target("another's on the own", [own.pk, foreign.pk]),
        Target("none", [own.pk, NEVER]),
    ]


def _of_conferences(world, *more):
    """List the conferences an address may name, each with what else it names there."""
    return [
        Target("ticked", [world.home.conference.pk, *more], HOME, is_ticked=True),
        Target("not ticked", [world.unticked.pk, *more], HOME),
        Target("another's", [world.away.conference.pk, *more], AWAY),
        Target("none", [NEVER, *more]),
    ]


def _on_lines(world, ticked, unticked, foreign):
    """List calls, or invitations, by their lines; one is asked for on the wrong line."""
    own = world.home.conference
    return [
        Target("ticked", _named(ticked), HOME, is_ticked=True),
        Target("not ticked", _named(unticked), HOME),
        Target("another's", _named(foreign), AWAY),
        Target("of another line", [own.pk, foreign.pk]),
        Target("none", [own.pk, NEVER]),
    ]


def _recordings(world):
    return [
        Target("ticked", [world.home.recording.pk], HOME, is_ticked=True),
        Target("not ticked", [world.unticked_recording.pk], HOME),
        Target("another's", [world.away.recording.pk], AWAY),
        _none(),
    ]


def _bill_lines(world):
    return [
        Target("own", [world.home.bill.number, 1], HOME),
        Target("another's", [world.away.bill.number, 1], AWAY),
        Target("none on a bill of one's own", [world.home.bill.number, NEVER]),
        Target("none", [NEVER, 1]),
    ]


def _named(thing):
    """Return by what an address names a thing of a conference."""
    return [thing.conference_id, thing.pk]


def _owned(own, foreign):
    """List what is known by one number: of HOME, of AWAY, of nobody."""
    return [Target("own", [own], HOME), Target("another's", [foreign], AWAY), _none()]


def _of_others(colleagues, foreign):
    """List what opens to its person alone, and so to none of the visitors."""
    return [Target("a colleague's", [colleagues.pk]), Target("another's", [foreign.pk]), _none()]


def _none():
    return Target("none", [NEVER])

"""The files in which the sample world's bridges hand over their calls."""

import csv
import datetime as dt
import random
import re
from collections.abc import Iterator
from pathlib import Path

from accounts.periods import Month
from accuconf.sandbox.world.calls import Held, Stay, held_in
from accuconf.sandbox.world.companies import COMPANIES
from accuconf.sandbox.world.lines import months_until
from conferences.records.leg import LeftBecause
from conferences.records.table import COLUMNS, OPTIONAL_COLUMN

HEAD = (*COLUMNS, OPTIONAL_COLUMN)
#: The share of calls whose moderator keys in a billing code, where the bridge asks for one.
KEYED = 0.2
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ESCAPED = re.compile(r"[&<>]|[^\x00-\x7f]")
_CONFERENCE = """\
<?xml version="1.0"?>
<cdr>
  <conference>
    <name>{number}</name>
    <hostname>{bridge}</hostname>
    <rate>8000</rate>
    <interval>20</interval>
    <start_time type="UNIX-epoch">{started}</start_time>
    <end_time endconference_forced="{forced}" type="UNIX-epoch">{ended}</end_time>
    <members>{members}</members>
    <rejected>{rejected}</rejected>
  </conference>
</cdr>
"""
_MEMBER = """
      <member type="caller">
        <join_time type="UNIX-epoch">{joined}</join_time>
        <leave_time type="UNIX-epoch">{left}</leave_time>
        <flags>
          <is_moderator>{moderator}</is_moderator>
          <end_conference>false</end_conference>
          <mandatory_member_end_conference>false</mandatory_member_end_conference>
          <was_kicked>{removed}</was_kicked>
          <is_ghost>false</is_ghost>
        </flags>{profile}
      </member>"""
_RECORDING = """
      <member type="recording_node">
        <join_time type="UNIX-epoch">{joined}</join_time>
        <leave_time type="UNIX-epoch">{left}</leave_time>
        <record_path>/var/lib/freeswitch/recordings/{session}.wav</record_path>
      </member>"""
_ATTEMPT = """
      <attempt>
        <reason>{reason}</reason>
        <reject_time type="UNIX-epoch">{at}</reject_time>{profile}
      </attempt>"""
_PROFILE = """
        <caller_profile>
          <username></username>
          <dialplan>XML</dialplan>
          <caller_id_name>{name}</caller_id_name>
          <caller_id_number>{number}</caller_id_number>
          <callee_id_name></callee_id_name>
          <callee_id_number></callee_id_number>
          <ani>{number}</ani>
          <aniii></aniii>
          <network_addr>192.0.2.10</network_addr>
          <rdnis></rdnis>
          <destination_number>{dialled}</destination_number>
          <uuid>{channel}</uuid>
          <source>mod_sofia</source>
          <context>public</context>
          <chan_name>sofia/external/{number}@192.0.2.10</chan_name>
        </caller_profile>"""


def write(folder: Path, until: dt.date) -> list[Path]:
    """Write what the bridges recorded of the world's months into `folder`; return the files.

    Most sessions are conference CDRs of the switch. Its out-dial legs, which those cannot tell,
    and whole companies on another bridge come as one table a month.
    """
    paths = []
    for month in months_until(until):
        place = folder / str(month)
        place.mkdir(parents=True, exist_ok=True)
        paths += _write_month(place, month, until)
    return paths


def _write_month(folder: Path, month: Month, until: dt.date) -> list[Path]:
    paths, rows = [], []
    for company in COMPANIES:
        for held in held_in(company, month, until):
            by_table = company.records == "table"
            rows += [_row(held, stay) for stay in held.stays if by_table or stay.out_dial]
            if not by_table and not all(stay.out_dial for stay in held.stays):
                paths.append(folder / f"{held.session}.cdr.xml")
                paths[-1].write_text(_conference_cdr(held), encoding="ascii")
    if rows and month == months_until(until)[-1]:
        rows += _strays(held)
    if rows:
        paths.append(folder / f"calls-{month}.csv")
        with paths[-1].open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([HEAD, *rows])
    return paths


def _row(held: Held, stay: Stay) -> tuple[str, ...]:
    return (
        held.bridge,
        held.session,
        f"{held.session}/{stay.channel}/{_epoch(stay.joined)}",
        held.number,
        stay.joined.isoformat(),
        stay.left.isoformat(),
        stay.person.number,
        stay.person.name,
        stay.dialled,
        "outbound" if stay.out_dial else "inbound",
        _truth(stay.is_moderator),
        _left_because(held, stay),
        "",
        _keyed_code(held) if stay.is_moderator else "",
    )


def _keyed_code(held: Held) -> str:
    """Return the billing code that the moderator keyed in on the telephone; mostly none."""
    dice = random.Random(f"code of {held.session}")
    return str(dice.randrange(1000, 9999)) if dice.random() < KEYED else ""


def _strays(held: Held) -> Iterator[tuple[str, ...]]:
    """Yield two rows that no bill can hold: one to a number nobody knows, one without an end."""
    row = dict(zip(HEAD, _row(held, held.stays[0]), strict=True))
    for place, cells in enumerate(({"dialled_number": "18005550199"}, {"left_at": ""})):
        yield tuple({**row, "leg_id": f"stray-{place}", **cells}.values())


def _left_because(held: Held, stay: Stay) -> str:
    if stay.was_removed:
        return LeftBecause.REMOVED
    if held.forced and stay.left == held.ended:
        return LeftBecause.CONFERENCE_ENDED
    return LeftBecause.HUNG_UP


def _conference_cdr(held: Held) -> str:
    return _CONFERENCE.format(
        number=held.number,
        bridge=held.bridge,
        started=_epoch(held.started),
        ended=_epoch(held.ended),
        forced=_truth(held.forced),
        members=_lines(_members(held), "    "),
        rejected=_lines(_attempts(held), "    "),
    )


def _lines(elements: Iterator[str], indent: str) -> str:
    """Join `elements`; where there are any, what closes around them stands on its own line."""
    text = "".join(elements)
    return f"{text}\n{indent}" if text else ""


def _members(held: Held) -> Iterator[str]:
    """Yield the members, newest first."""
    for stay in sorted(held.stays, key=lambda stay: stay.joined, reverse=True):
        if not stay.out_dial:
            yield _MEMBER.format(
                joined=_epoch(stay.joined),
                left=_epoch(stay.left),
                moderator=_truth(stay.is_moderator),
                removed=_truth(stay.was_removed),
                profile=_profile(stay),
            )
    if held.is_recorded:
        yield _RECORDING.format(
            joined=_epoch(held.started), left=_epoch(held.ended), session=held.session
        )


def _attempts(held: Held) -> Iterator[str]:
    for reason, at, stay in held.rejected:
        yield _ATTEMPT.format(reason=reason, at=_epoch(at), profile=_profile(stay))


def _profile(stay: Stay) -> str:
    return _PROFILE.format(
        name=_ESCAPED.sub(_escape, stay.person.name),
        number=stay.person.number,
        dialled=stay.dialled,
        channel=stay.channel,
    )


def _escape(found: re.Match) -> str:
    return _ESCAPES.get(found[0]) or f"&#x{ord(found[0]):X};"


def _epoch(instant: dt.datetime) -> int:
    return int(instant.timestamp())


def _truth(value: bool) -> str:
    return "true" if value else "false"

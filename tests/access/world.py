"""Two accounts with one of each thing that addresses name, and things out of the visitors' sight.

Every text of each account holds a word of its own, so that a leak shows wherever it comes out.
"""

import datetime as dt
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from accounts.actors import Actor
from accounts.models import Account
from billing.models import Bill, CreditNote, JournalEntry
from billing.services import questions
from conferences.models import Conference, Invitation, Recording, Schedule, Session
from tests import make
from tests.recordings import wav
from users.models import User

#: The account of most visitors, and the stranger's.
HOME, AWAY = "home", "away"
#: When calls were held that no bill holds yet.
UNBILLED = dt.datetime(2026, 4, 2, 15, tzinfo=dt.UTC)
#: What only readers of that account may ever see: a word in each text, and its bill's amount.
CANARIES = {HOME: ["Kanarienvogel", "$4,211.00"], AWAY: ["Nachtigall", "$7,919.00"]}
#: Words for those with rights on the conference, for those who may see moderators, and for nobody.
UNTICKED_CANARY, MODERATOR_CANARY, REMOVED_CANARY = "Zaunkönig", "Rotkehlchen", "Dronte"


@dataclass
class Side:
    """One account with one of each thing."""

    account: Account
    conference: Conference
    call: Session
    invitation: Invitation
    bill: Bill
    payment: JournalEntry
    recording: Recording
    credit_note: CreditNote
    admin: User
    colleague: User
    removed: User
    sign_in: UserSession
    factor: Authenticator


@dataclass
class World:
    """Two accounts alike; at home there is a conference more, on which nobody has a right."""

    home: Side
    away: Side
    unticked: Conference
    unticked_call: Session
    unticked_invitation: Invitation
    unticked_recording: Recording
    staff: User


def build():
    """Make the two accounts."""
    plan = make.rate_plan()
    home = _side(plan, CANARIES[HOME][0], dollars=4211)
    away = _side(plan, CANARIES[AWAY][0], dollars=7919)
    unticked = make.conference(
        account=home.account, name=f"Board {UNTICKED_CANARY}", billing_code=UNTICKED_CANARY
    )
    make.pin(conference=unticked, holder_name=UNTICKED_CANARY)
    staff = make.user(is_superuser=True, name="Stefan Staff")
    return World(
        home=home,
        away=away,
        unticked=unticked,
        unticked_call=_call(unticked, UNTICKED_CANARY),
        unticked_invitation=_invitation(unticked, UNTICKED_CANARY),
        unticked_recording=_recording(unticked, UNTICKED_CANARY),
        staff=staff,
    )


def _side(plan, word, *, dollars):
    account = make.account(
        plan=plan,
        name=f"{word} Company",
        address_line1=f"1 {word} Street",
        address_line2=f"{word} Floor",
        city=f"{word} City",
        region=word,
    )
    conference = make.conference(
        account=account, name=f"{word} meeting", billing_code=f"{word} code"
    )
    make.pin(conference=conference, holder_name=f"{word} Holder")
    moderator = f"{word} {MODERATOR_CANARY}"
    make.pin(conference=conference, kind="moderator", holder_name=moderator)
    uncoded = make.conference(account=account, name=f"{word} line without a code")
    make.session(conference=uncoded, started_at=UNBILLED)
    make.card(account=account, brand=word)
    colleague = _person(account, word, "basic")
    admin = _person(account, word, "admin")
    bill = make.issued(account, "2026-03", dollars=dollars)
    _discuss(bill, word, admin)
    return Side(
        account=account,
        conference=conference,
        call=_call(conference, word),
        invitation=_invitation(conference, word),
        payment=make.check(account, check_number=word, amount_cents=1, now=UNBILLED),
        recording=_recording(conference, word),
        bill=bill,
        credit_note=make.credit_note(bill, cents=11, by=admin, reason=f"{word} was noisy."),
        admin=admin,
        colleague=colleague,
        removed=_removed(account, word),
        sign_in=UserSession.objects.create(
            user=colleague, ip="192.0.2.7", session_key=word, user_agent=word
        ),
        factor=Authenticator.objects.create(user=colleague, type="webauthn", data={}),
    )


def _discuss(bill, word, admin):
    """Ask about the bill's line, and answer."""
    by, now = Actor(user=admin), bill.issued_at
    question = questions.ask_about_line(bill.lines.get(), text=f"{word}?", by=by, now=now)
    questions.answer_question(question, answer=f"{word}!", by=by, now=now)


def _call(conference, word):
    """A call that no bill holds, with a caller for each PIN of the conference."""
    call = make.session(conference=conference, started_at=UNBILLED, keyed_code=f"{word} keyed")
    for pin in conference.pins.all():
        make.add_legs(call, (60, "local"), pin=pin, caller_name=f"{word} Caller")
    return call


def _invitation(conference, word):
    """Give a line a date without an end, and invite somebody to it."""
    Schedule.objects.create(
        conference=conference,
        starts_on=dt.date(2026, 1, 1),
        starts_at_time=dt.time(9),
        time_zone="UTC",
        minutes=30,
        repeats="daily",
    )
    return Invitation.objects.create(
        conference=conference,
        email=f"guest.{word.lower()}@guest.example",
        name=f"{word} Guest",
        invited_at=conference.created_at,
    )


def _recording(conference, word):
    """A recording in whose sound the word stands, as if it were spoken."""
    return make.recording(conference=conference, sound=wav() + f" {word} ".encode())


def _person(account, word, role, **fields):
    return make.user(
        account=account,
        role=role,
        name=f"{word} {role.title()}",
        email=f"{role}.{word.lower()}@{word.lower()}.example",
        **fields,
    )


def _removed(account, word):
    gone = make.user(
        account=account, role="basic", name=f"{REMOVED_CANARY} {word}", is_active=False
    )
    User.objects.filter(pk=gone.pk).update(removed_at=gone.added_at)
    return gone

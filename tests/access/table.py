"""The declared table: every address and method of the portal, and what it takes to get an answer.

`may` names the permission that a customer needs, by tests/law.py. Where the address names a thing,
`sees` is the permission without which that thing does not exist for the reader (404); seen, but not
theirs to do, is 403. An undeclared method is 405.
"""

from dataclasses import dataclass, field, replace

#: Answers, besides status codes: the page, or done and led on.
PAGE, DONE = "page", "done"
#: Somebody who has signed in, whoever it is.
SIGNED_IN = None
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


@dataclass(frozen=True)
class Rule:
    """What one method of an address takes, and how it answers those who may."""

    may: str | None = SIGNED_IN
    answer: str = PAGE
    #: Whether one must have proved a moment ago who one is.
    again: bool = False


@dataclass(frozen=True)
class Route:
    """One address: the kind of thing it names, and a rule for each method that it knows."""

    methods: dict[str, Rule]
    thing: str | None = None
    sees: str | None = None
    #: One's own affair: the operator's staff have it too, and nobody who looks as somebody else.
    is_own: bool = False
    #: Gates that leave it open, being the way through them or open to all.
    is_open_at: frozenset[str] = frozenset()
    #: How those who have not signed in are answered, by method; None where they are led to sign in.
    to_strangers: dict[str, str] | None = None
    #: How the one whom the gate of this name holds is answered, where not as everybody.
    at_gate: dict[str, str] = field(default_factory=dict)
    #: Whether only staff who look as a customer have it, or have it too.
    is_for_lookers_only: bool = False
    is_for_lookers_too: bool = False
    #: Whether it may name people who were removed: the log does, since it tells what was.
    names_removed: bool = False

    @property
    def asks_again(self):
        """The methods for which one must have proved a moment ago who one is."""
        return [method for method, rule in self.methods.items() if rule.again]

    def but(self, **changes):
        return replace(self, **changes)


def reads(may, *, thing=None, sees=None, get=PAGE):
    """Declare an address that only shows something."""
    rule = Rule(may, get)
    return Route({"GET": rule, "HEAD": rule}, thing=thing, sees=sees or may)


def changes(may, *, thing=None, sees=None, get=PAGE, post=PAGE, again=False):
    """Declare an address that shows a form and takes it; an empty one is answered by the page."""
    shown = Rule(may, get, again)
    return Route(
        {"GET": shown, "HEAD": shown, "POST": Rule(may, post, again)}, thing=thing, sees=sees or may
    )


def acts(may, *, thing=None, sees=None, post=DONE, again=False):
    """Declare an address that only does something."""
    return Route({"POST": Rule(may, post, again)}, thing=thing, sees=sees or may)


def own(route, *gates):
    """Declare an address as one's own affair, open at the gates named."""
    return route.but(is_own=True, is_open_at=frozenset(gates))


def public(route, strangers=None):
    """Declare an address that answers strangers too: as everybody, or as `strangers` are."""
    answers = {method: rule.answer for method, rule in (strangers or route).methods.items()}
    return route.but(is_own=True, to_strangers=answers, is_open_at=frozenset({"first sign-in"}))


def always(answer, *, again=False):
    """Declare a page of allauth's that has one answer to whatever it is asked."""
    rules = {method: Rule(answer=answer, again=again) for method in METHODS}
    return Route(rules, is_own=True)


def for_lookers(route):
    """Declare an address that exists only for staff who look as a customer."""
    return route.but(is_for_lookers_only=True)


def shows(get=PAGE, *, again=False):
    """Declare a page of allauth's that only shows something."""
    return _of_allauth({"GET": get, "HEAD": get, "OPTIONS": PAGE}, again)


def asks(get=PAGE, post=PAGE, *, again=False):
    """Declare a form of allauth's, which takes PUT as it takes POST."""
    answers = {"GET": get, "HEAD": get, "POST": post, "PUT": post, "OPTIONS": PAGE}
    return _of_allauth(answers, again)


def signs_out(get):
    """Declare allauth's page of signing out, which ends where one signs in."""
    return _of_allauth({"GET": get, "HEAD": get, "POST": "sign in", "OPTIONS": PAGE}, False)


def _of_allauth(answers, again):
    """Declare one's own page of allauth's; who must prove anew who they are does so in any case."""
    wanted = METHODS if again else answers
    rules = {name: Rule(answer=answers.get(name, "405"), again=again) for name in wanted}
    return Route(rules, is_own=True)


_SEES = {"thing": "person", "sees": "users.view_user"}
_LINE = {"thing": "conference", "sees": "conferences.list_conference"}
_SEES_PIN = {"thing": "PIN", "sees": "conferences.view_{kind}_pin"}
ROUTES = {
    "home": reads(SIGNED_IN),
    "accounts:account_view": reads("accounts.view_account"),
    "accounts:log_list": reads("accounts.view_auditentry").but(names_removed=True),
    "accounts:log_export": reads("accounts.view_auditentry"),
    "billing:account_edit": changes("accounts.change_account"),
    "users:second_factor_require": acts("accounts.change_account", again=True),
    "users:user_add": changes("users.add_user"),
    "users:user_view": reads("users.change_user", **_SEES),
    "users:rights_edit": changes("users.change_user", **_SEES),
    "users:rights_draft": acts("users.change_user", **_SEES, post=PAGE),
    "users:user_disable": acts("users.change_user", **_SEES),
    "users:user_enable": acts("users.change_user", **_SEES),
    "users:user_end_sign_ins": acts("users.change_user", **_SEES),
    "users:user_invite": acts("users.change_user", **_SEES),
    "users:user_remove": changes("users.change_user", **_SEES, post=DONE),
    "conferences:conference_list": reads("conferences.list_conferences"),
    "conferences:conference_view": reads(
        "conferences.view_conference", thing="conference", sees="conferences.list_conference"
    ),
    "conferences:conference_edit": changes("conferences.change_conference", **_LINE),
    # PINs: of each kind one; a kind that one may not see is not there.
    "conferences:pin_add": changes("conferences.change_participant_pin", **_LINE),
    "conferences:pin_add_many": changes("conferences.change_participant_pin", **_LINE),
    "conferences:pin_sheet": changes("conferences.view_participant_pin", **_LINE),
    "conferences:pin_view": reads("conferences.view_{kind}_pin", thing="PIN"),
    "conferences:pin_reveal": acts("conferences.view_{kind}_pin", thing="PIN", post=PAGE),
    "conferences:pin_replace": changes("conferences.change_{kind}_pin", **_SEES_PIN, post=DONE),
    "conferences:pin_remove": changes("conferences.change_{kind}_pin", **_SEES_PIN, post=DONE),
    "conferences:pin_restore": acts("conferences.change_{kind}_pin", **_SEES_PIN),
    # Dates and invitations.
    "conferences:conference_new": changes("conferences.add_conference"),
    "conferences:calendar_view": reads("conferences.list_conferences"),
    "conferences:date_edit": changes("conferences.change_schedule", **_LINE),
    "conferences:date_clear": changes("conferences.change_schedule", **_LINE, post=DONE),
    "conferences:conference_cancel": changes("conferences.change_conference", **_LINE, post=DONE),
    "conferences:invitation_list": changes("conferences.change_participant_pin", **_LINE),
    "conferences:invitation_send": acts("conferences.change_participant_pin", thing="invitation"),
    "conferences:invitation_cancel": acts("conferences.change_participant_pin", thing="invitation"),
    # Call history and billing codes.
    "conferences:call_list": reads(
        "conferences.view_conference", thing="conference", sees="conferences.list_conference"
    ),
    "conferences:call_export_csv": reads(
        "conferences.view_conference", thing="conference", sees="conferences.list_conference"
    ),
    "conferences:call_export_excel": reads(
        "conferences.view_conference", thing="conference", sees="conferences.list_conference"
    ),
    "conferences:call_view": reads(
        "conferences.view_conference", thing="call", sees="conferences.list_conference"
    ),
    "billing:session_code_edit": changes(
        "conferences.change_conference", thing="call", sees="conferences.list_conference"
    ),
    "billing:missing_code_list": changes("conferences.list_conferences"),
    # Recordings.
    "conferences:recordings": reads("conferences.list_conferences"),
    "conferences:recording_list": reads(
        "conferences.view_recording", thing="conference", sees="conferences.list_conference"
    ),
    "conferences:recording_view": reads("conferences.view_recording", thing="recording"),
    "conferences:recording_audio": reads("conferences.view_recording", thing="recording"),
    "conferences:recording_download": reads("conferences.view_recording", thing="recording"),
    "conferences:recording_delete": changes(
        "conferences.delete_recording",
        thing="recording",
        sees="conferences.view_recording",
        post=DONE,
    ),
    # The live call.
    "conferences:live_view": reads("conferences.moderate_call", **_LINE),
    "conferences:live_people": reads("conferences.moderate_call", **_LINE),
    "conferences:live_call_out": acts("conferences.moderate_call", **_LINE, post=PAGE),
    "conferences:live_order": acts(
        "conferences.moderate_call", thing="live call", sees="conferences.list_conference"
    ),
    "conferences:live_caller_order": acts(
        "conferences.moderate_call", thing="live caller", sees="conferences.list_conference"
    ),
    # Bills.
    "billing:bill_list": reads("billing.view_bill"),
    "billing:bill_view": reads("billing.view_bill", thing="bill"),
    "billing:bill_pdf": reads("billing.view_bill", thing="bill"),
    "billing:credit_note_pdf": reads("billing.view_bill", thing="credit note"),
    "billing:line_question": changes("billing.view_bill", thing="bill line"),
    "billing:bill_csv": reads("billing.view_bill", thing="bill"),
    "billing:bill_excel": reads("billing.view_bill", thing="bill"),
    "billing:bill_xml": reads("billing.view_bill", thing="bill"),
    "billing:bill_pay": changes("billing.pay_bill", thing="bill", sees="billing.view_bill"),
    "pay_by_link": public(changes(SIGNED_IN, thing="token", get="410", post="410")).but(
        is_for_lookers_too=True
    ),
    "billing:bill_compare": reads("billing.view_bill"),
    "billing:payment_list": reads("billing.view_bill"),
    "billing:receipt_view": reads("billing.view_bill", thing="payment"),
    "billing:receipt_pdf": reads("billing.view_bill", thing="payment"),
    "billing:statement_view": reads("billing.view_bill"),
    "billing:statement_pdf": reads("billing.view_bill"),
    "billing:unbilled_view": reads("billing.view_bill"),
    "billing:unbilled_csv": reads("billing.view_bill"),
    "billing:unbilled_excel": reads("billing.view_bill"),
    # One's own affairs.
    "profile:profile_view": own(reads(SIGNED_IN)),
    "profile:profile_edit": own(changes(SIGNED_IN)),
    "profile:email_change": own(changes(SIGNED_IN, again=True)),
    "profile:email_cancel": own(acts(SIGNED_IN)),
    "profile:email_agree": public(changes(SIGNED_IN, thing="token", get="410", post="410")),
    "profile:email_stop": public(acts(SIGNED_IN, thing="token", post="410")),
    "profile:sign_in_list": own(reads(SIGNED_IN)),
    "profile:sign_in_end_others": own(acts(SIGNED_IN)),
    "profile:sign_in_end": own(acts(SIGNED_IN, thing="sign-in")),
    "profile:second_factor_later": own(acts(SIGNED_IN)),
    "mfa_index": own(reads(SIGNED_IN), "second factor"),
    "mfa_activate_totp": own(asks(again=True), "second factor"),
    "mfa_add_webauthn": own(asks(again=True), "second factor"),
    "mfa_view_recovery_codes": shows("404"),
    "mfa_generate_recovery_codes": asks(again=True),
    "mfa_download_recovery_codes": always("404"),
    "mfa_remove": own(changes(SIGNED_IN, thing="factor", again=True)),
    "mfa_reauthenticate": always("again"),
    "mfa_reauthenticate_webauthn": always("again"),
    "account_reauthenticate": own(asks(), "second factor"),
    "account_change_password": asks(),
    "account_set_password": always(DONE, again=True),
    "account_logout": public(signs_out(PAGE), strangers=signs_out("sign in")).but(
        is_open_at=frozenset({"first sign-in", "second factor"}), is_for_lookers_too=True
    ),
    "account_first_sign_in": own(
        changes(SIGNED_IN, get=DONE, post=DONE), "first sign-in", "second factor"
    ).but(at_gate={"first sign-in": PAGE}),
    "account_first_sign_in_code": own(acts(SIGNED_IN), "first sign-in", "second factor"),
    "sso_again": own(reads(SIGNED_IN, get=DONE)),
    # The entrance.
    "account_login": public(always(DONE), strangers=asks()),
    "account_signup": public(always(DONE), strangers=always(PAGE)),
    "account_inactive": public(shows()),
    "account_reset_password": public(asks()),
    "account_reset_password_done": public(shows()),
    "account_reset_password_from_key": public(always(PAGE).but(thing="link")),
    "account_reset_password_from_key_done": public(shows()),
    "mfa_authenticate": public(always(DONE), strangers=always("sign in")),
    "mfa_login_webauthn": public(always(DONE), strangers=asks("sign in", "sign in")),
    "sso_start": public(changes(SIGNED_IN, get=DONE, post=DONE), strangers=changes(SIGNED_IN)),
    "openid_connect_login": public(reads(SIGNED_IN, thing="provider", get=DONE)),
    "openid_connect_callback": public(reads(SIGNED_IN, thing="provider", get="400")),
    # Looking as a customer: staff alone.
    "look_allow": for_lookers(changes(SIGNED_IN)),
    "look_stop": for_lookers(acts(SIGNED_IN)),
}

#: Families of addresses with one answer each, by how their names begin.
FAMILIES = {
    "bridge:": "machines' addresses: 401 for everybody without a bridge's key, signed in or not",
    "admin:": "the back office: for customers it does not exist; staff need Django's permissions",
    "sandbox:": "the sandbox's inbox, open to whoever sits at the machine; not there in production",
    "look_start": "an address of the back office",
}
#: What load balancers ask, the way from / to the portal, and where Stripe's signed word is taken.
OPEN = {"alive", "ready", "", "stripe_webhook"}

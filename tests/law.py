"""Who may do what, in two tables written out by hand: the law as the proofs know it.

Y is yes and . is no, in the order of the heading; nothing here is derived from users/policy.py.
"""

from itertools import chain, combinations

ROLES = ["admin", "schedule", "basic", "billing"]
ON_THE_ACCOUNT = {
    #                                A S B V
    "accounts.view_account":        "Y . . .",
    "accounts.change_account":      "Y . . .",
    "billing.pay_bill":             "Y . . .",
    "users.view_user":              "Y . . .",
    "users.add_user":               "Y . . .",
    "users.change_user":            "Y . . .",
    "billing.view_bill":            "Y . . Y",
    "billing.receive_bill":         "Y . . Y",
    "billing.decline_bill":         "Y . . .",
    "accounts.view_auditentry":     "Y . . .",
    "conferences.add_conference":   "Y Y . .",
    "users.change_profile":         "Y Y Y Y",
    "conferences.list_conferences": "Y Y Y .",
}  # fmt: skip

RIGHTS = ["view", "recording", "moderate", "full"]
ON_A_CONFERENCE = {
    #                                     V R M F
    "conferences.list_conference":        "Y Y Y Y",
    "conferences.view_conference":        "Y . Y Y",
    "conferences.view_participant_pin":   "Y . Y Y",
    "conferences.change_participant_pin": "Y . Y Y",
    "conferences.view_speaker_pin":       ". . Y Y",
    "conferences.change_speaker_pin":     ". . Y Y",
    "conferences.view_moderator_pin":     ". . Y Y",
    "conferences.change_moderator_pin":   ". . Y Y",
    "conferences.moderate_call":          ". . Y Y",
    "conferences.view_recording":         ". Y . Y",
    "conferences.delete_recording":       ". . . Y",
    "conferences.change_conference":      ". . . Y",
    "conferences.change_schedule":        "Y . Y Y",
}  # fmt: skip
ASK_THE_ROLE_TOO = {"conferences.change_schedule": ["schedule"]}

EVERY_SET_OF_RIGHTS = list(chain.from_iterable(combinations(RIGHTS, n) for n in range(5)))


def yes(row, columns):
    """Return the names of the columns in which `row` says yes."""
    return {name for name, mark in zip(columns, row.split(), strict=True) if mark == "Y"}


def expected_on_account(role):
    return {name for name, row in ON_THE_ACCOUNT.items() if role in yes(row, ROLES)}


def expected_on_conference(role, rights):
    """What the second table says, and the sentences around it: Admin has all, AR nothing."""
    if role == "admin":
        return set(ON_A_CONFERENCE)
    if role == "billing":
        return set()
    return {
        name
        for name, row in ON_A_CONFERENCE.items()
        if yes(row, RIGHTS) & set(rights) and role in ASK_THE_ROLE_TOO.get(name, [role])
    }

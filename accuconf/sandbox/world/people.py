"""The people of the sample world: who signs in, and who calls."""

import random
import re
import unicodedata
from dataclasses import dataclass

from accuconf.sandbox.world.companies import AURORA, Company

PASSWORD = "conference demo"

FIRST_NAMES = (
    *("Ana", "Renée", "José", "Siân", "Björn", "Zoë", "Mei", "Tunde", "Aoife", "Łukasz", "Inés"),
    *("Noah", "Priya", "Håkon", "Chloé", "Dmitri", "Fatima", "Grace", "Jürgen", "Thảo", "Omar"),
    *("Beatriz", "Çağla", "Kwame", "Yuki", "Marguerite-Antoinette", "Sofía", "Erin", "Paulo"),
)
LAST_NAMES = (
    *("Lindqvist", "O'Brien", "Núñez", "Okafor", "Müller", "Dvořák", "Tanaka", "García Márquez"),
    *("Smith", "Ångström", "van der Berg", "Kowalczyk", "Nguyễn", "D'Angelo", "Jones", "Sørensen"),
    *("Whitfield", "Lefèvre", "Araújo", "Papadopoulos", "Chen", "Featherstonehaugh-Cholmondeley"),
    *("Gökçe", "Mensah", "Kim", "Reyes", "Björnsdóttir", "Patel", "Íñiguez", "Brown"),
)
#: What callers' telephones show instead of a name.
SHOWN_NAMES = ("", "", "WIRELESS CALLER", "Li & Sons", "ROOM 4B <lobby>", "Anonymous", "2nd floor")
#: How numbers of a country begin, to be filled up to so many digits.
NUMBERS = {
    "US": ("1{area}555", 11),
    "ES": ("3491555", 11),
    "FR": ("331990", 11),
    "CH": ("4144555", 11),
    "NO": ("477012", 10),
    "BR": ("55113255", 12),
}
US_AREAS = ("212", "312", "617", "206", "713", "303", "404", "505", "646", "415")
ROLES = ("admin", "billing", "schedule", "basic", "basic", "basic", "admin", "basic")
RIGHTS = (["view"], ["view", "recording"], ["moderate"], ["full"], ["recording"])

DEMO_USERS = (
    ("admin", "Ana Lindqvist", "admin"),
    ("basic", "Ben Okafor", "basic"),
    ("billing", "Mei Tanaka", "billing"),
    ("schedule", "Sofía Núñez", "schedule"),
)


@dataclass(frozen=True)
class Person:
    """A caller: the name and number that a telephone shows."""

    name: str
    number: str


def callers_of(company: Company) -> list[Person]:
    """Return those who call in, most of them colleagues, some from far away."""
    dice = random.Random(f"callers of {company.number}")
    country = company.address[5]
    return [
        Person(_shown_name(dice), _number(dice, country if dice.random() < 0.9 else "US"))
        for _ in range(12 + company.sessions // 4)
    ]


def users_of(company: Company, conference_numbers: list[str]) -> list[dict]:
    """Return the users of the account as the customers' document has them."""
    if company is AURORA:
        return _demo_users(conference_numbers)
    dice = random.Random(f"users of {company.number}")
    count = 2 + min(company.sessions, 60) // 8
    users = [_user(company, dice, i, conference_numbers) for i in range(count)]
    return list({user["email"]: user for user in users}.values())


def _demo_users(conference_numbers: list[str]) -> list[dict]:
    rights = {
        "basic": {conference_numbers[0]: ["view"]},
        "schedule": {
            conference_numbers[0]: ["view", "recording"],
            conference_numbers[1]: ["moderate"],
            conference_numbers[2]: ["full"],
        },
    }
    return [
        {
            "email": f"{mailbox}@{AURORA.domain}",
            "name": name,
            "role": role,
            "time_zone": AURORA.zone,
            "password": PASSWORD,
            "receives_ebill": role in ("admin", "billing"),
            "rights": rights.get(role, {}),
        }
        for mailbox, name, role in DEMO_USERS
    ]


def _user(company: Company, dice: random.Random, place: int, numbers: list[str]) -> dict:
    name = _name(dice)
    role = ROLES[place % len(ROLES)]
    ticked = {}
    if role in ("schedule", "basic"):
        some = sorted(dice.sample(numbers, min(len(numbers), 1 + dice.randrange(4))))
        ticked = {number: list(dice.choice(RIGHTS)) for number in some}
    mailbox = "admin" if place == 0 else mailbox_of(name)
    return {
        "email": f"{mailbox}@{company.domain}",
        "name": name,
        "role": role,
        "time_zone": company.zone,
        "password": PASSWORD if company.number == "10052" and place == 0 else None,
        "receives_ebill": role == "billing" or place == 0,
        "rights": ticked,
    }


def mailbox_of(name: str) -> str:
    """Return the local part of an address for `name`: plain letters and dots."""
    plain = unicodedata.normalize("NFKD", name.lower()).translate(str.maketrans("łøđ", "lod"))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return re.sub(r"[^a-z]+", ".", letters.replace("'", "")).strip(".")


def _name(dice: random.Random) -> str:
    return f"{dice.choice(FIRST_NAMES)} {dice.choice(LAST_NAMES)}"


def _shown_name(dice: random.Random) -> str:
    return dice.choice(SHOWN_NAMES) if dice.random() < 0.2 else _name(dice)


def _number(dice: random.Random, country: str) -> str:
    start, digits = NUMBERS[country]
    start = start.format(area=dice.choice(US_AREAS))
    missing = digits - len(start)
    return start + f"{dice.randrange(10**missing):0{missing}}"

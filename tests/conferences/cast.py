"""The cast's digits and callers: of the fixture `pin`; and on the call of the fixture `switch`."""

DIGITS = "483920175"
#: Ann moderates, Renée listens.
ANN, RENEE = "Ann Host", "Renée"


def callers(switch, conference):
    return {caller.name: caller for caller in switch.rooms[conference.number].callers}

"""Who is on the call of the fixture `switch`: Ann moderates, Renée listens."""

ANN, RENEE = "Ann Host", "Renée"


def callers(switch, conference):
    return {caller.name: caller for caller in switch.rooms[conference.number].callers}

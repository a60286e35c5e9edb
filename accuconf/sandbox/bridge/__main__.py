"""Runs the stand-in alone: `python -m accuconf.sandbox.bridge --port 8431 --room 31000`."""

import argparse
import signal
import sys
import time

from accuconf.sandbox.bridge import Caller, EventSocketHandler, Switch, serve

PEOPLE = [
    ("Ana Lindqvist", "16175550142", True, 1260),
    ("Renée Dubois", "33142685300", False, 1190),
    ("Conference room 4", "16175550177", False, 1100),
    ("Kwame Mensah", "442071838750", False, 640),
    ("WIRELESS CALLER", "13125550100", False, 95),
]


def main():
    """Hold one call until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="accuconf.sandbox.bridge", description=__doc__)
    parser.add_argument("--port", type=int, default=8431, help="0 takes a free one")
    parser.add_argument("--room", required=True, help="the number of the conference")
    options = parser.parse_args()
    endings = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, endings)  # before there are threads to inherit it
    switch = Switch()
    switch.open(options.room, *people_on())
    with serve(switch, EventSocketHandler, options.port) as server:
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        signal.sigwait(endings)


def people_on():
    """Make the callers of the demo's call, the moderator first."""
    return [
        Caller(name, number, is_moderator, joined_at=time.time() - seconds)
        for name, number, is_moderator, seconds in PEOPLE
    ]


if __name__ == "__main__":
    main()

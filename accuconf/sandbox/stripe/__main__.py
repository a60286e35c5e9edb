"""Runs the stand-in alone: `python -m accuconf.sandbox.stripe --port 8430 --state FILE`."""

import argparse
import signal
import sys

from .standin import serve


def main():
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="accuconf.sandbox.stripe", description=__doc__)
    parser.add_argument("--port", type=int, default=8430, help="0 takes a free one")
    parser.add_argument("--state", help="the file that keeps customers over a restart")
    options = parser.parse_args()
    endings = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, endings)  # before there are threads to inherit it
    with serve(options.port, state_file=options.state) as standin:
        sys.stdout.write(f"{standin.url}\n")
        sys.stdout.flush()
        signal.sigwait(endings)


if __name__ == "__main__":
    main()

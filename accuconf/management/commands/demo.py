"""`./portal demo`: a whole operator's world on one machine."""

import subprocess
import sys

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from accuconf.sandbox.demo import children, show, visit
from accuconf.sandbox.world import PASSWORD
from billing import tasks

FAILURES = (
    children.ChildStopped,
    children.NotReady,
    show.AlreadyShown,
    show.PortTaken,
    visit.VisitFailed,
)


class Command(BaseCommand):
    help = "Show the portal: start all of it with a sample world, until Ctrl-C."

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, help="default: 8000, or the next free one")
        parser.add_argument(
            "--check", action="store_true", help="visit a bill and its PDF, then stop"
        )

    def handle(self, *, port, check, **options):
        if not settings.SANDBOX:
            raise CommandError("The demo has secrets that everybody knows; not in production.")
        try:
            with show.alone(), children.together(show.logs()) as processes:
                self.run(processes, self.choose_port(port), check)
        except FAILURES as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")

    def choose_port(self, asked):
        port = show.choose_port(asked or 8000, is_asked_for=asked is not None)
        if port != (asked or 8000):
            self.stdout.write(self.style.WARNING(f"Port 8000 is taken; using {port}."))
        return port

    def run(self, processes, port, check):
        environment = show.environment_of(port)
        self.stdout.write("Making the database ready …")
        call_command("migrate", verbosity=0)
        show.start_neighbours(processes, environment)
        self.stdout.flush()
        filled = subprocess.run(
            [sys.executable, show.MANAGE, "fill_sandbox"], env=environment, check=False
        )
        if filled.returncode:
            raise CommandError("The sample world could not be filled; see above.")
        show.start_portal(processes, environment, port)
        tasks.make_documents.delay()
        if check:
            email = show.PEOPLE[0][1]
            self.stdout.write(visit.visit(show.origin_of(port), email, PASSWORD))
            return
        self.stdout.write("\n" + self.style.SUCCESS(show.welcome(port)) + "\n")
        show.until_told_to_stop(processes)

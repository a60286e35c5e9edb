"""`manage.py run_billing`: the bill run, as the timetable starts it on the 1st."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from accounts.periods import Month
from billing.gateway import gateway
from billing.models import BillDelivery, BillDocument, BillJob, BillRun, Collection
from billing.services import delivery, runs, sweep
from billing.services.issue import MonthStillOpen


class Command(BaseCommand):
    help = (
        "Bill a closed month: issue every bill, make its PDF, send the e-bills, charge the cards."
    )

    def add_arguments(self, parser):
        parser.add_argument("--month", metavar="YYYY-MM", help="default: the last closed month")

    def handle(self, *, month, **options):
        now = timezone.now()
        try:
            month = self.month(month, now)
            runs.open_runs(month, now=now)
        except (ValueError, MonthStillOpen, runs.MonthBeforeTheBooks) as error:
            raise CommandError(str(error)) from error
        self.work(gateway(), now)
        self.report(month)

    def month(self, text, now):
        if text is None:
            return runs.last_closed_month(now)
        return Month.parse(text, settings.BILLING_TIME_ZONE)

    def work(self, gateway, now):
        """Do all that is due, with a progress bar for each kind of work."""
        jobs = runs.issue_waiting(gateway=gateway, now=now)
        self.show("bills", jobs, BillJob.objects.waiting().count())
        made = sweep.make_documents(now=now)
        self.show("PDFs", made, BillDocument.objects.waiting().count())
        sent = delivery.send_due_deliveries(now=now)
        self.show("e-bills", sent, BillDelivery.objects.due(now).count())
        collected = sweep.collect_due(gateway=gateway, now=now)
        self.show("cards", collected, Collection.objects.due(now).count())

    def show(self, label, work, total):
        for _ in tqdm(work, desc=f"{label:>8}", total=total, disable=None):
            pass

    def report(self, month):
        run = BillRun.objects.get(year=month.year, month_of_year=month.month)
        issued = run.jobs.exclude(bill=None).count()
        self.stdout.write(f"{month}: {issued} of {run.jobs.count()} bills are issued.")
        for job in run.jobs.waiting().select_related("account"):
            self.stdout.write(self.style.WARNING(f"held: {job.account}: {job.held_because}"))

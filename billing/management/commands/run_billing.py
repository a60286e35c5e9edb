"""`manage.py run_billing`: the bill run as the timetable starts it on the 1st; or its rehearsal."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from accounts.money import Money
from accounts.periods import Month
from billing.gateway import gateway
from billing.models import BillDelivery, BillDocument, BillJob, BillRun, Collection
from billing.services import delivery, rehearsal, runs, sweep
from billing.services.issue import MonthStillOpen


class Command(BaseCommand):
    help = (
        "Bill a closed month: issue every bill, make its PDF, send the e-bills, charge the cards."
    )

    def add_arguments(self, parser):
        parser.add_argument("--month", metavar="YYYY-MM", help="default: the last closed month")
        parser.add_argument(
            "--rehearse",
            action="store_true",
            help="only tell what the run would issue; the month may still be running",
        )

    def handle(self, *, month, rehearse, **options):
        now = timezone.now()
        try:
            month = month and Month.parse(month, settings.BILLING_TIME_ZONE)
            if rehearse:
                self.tell(rehearsal.rehearse(month or rehearsal.next_to_run(now), now=now))
            else:
                self.run(month or runs.last_closed_month(now), now)
        except (ValueError, MonthStillOpen, runs.MonthBeforeTheBooks) as error:
            raise CommandError(str(error)) from error

    def run(self, month, now):
        runs.open_runs(month, now=now)
        self.work(gateway(), now)
        self.report(month)

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

    def tell(self, rehearsed):
        """Print what a run would do."""
        unless_over = "" if rehearsed.is_over else ", which is not over"
        bills = sum(total.bills for total in rehearsed.totals)
        self.stdout.write(f"{rehearsed.month}{unless_over}: {bills} bills would be issued.")
        if rehearsed.issued:
            self.stdout.write(f"{rehearsed.issued} are issued already and are left out.")
        for total in rehearsed.totals:
            self.tell_total(total)
        for account, reason in rehearsed.held:
            self.stdout.write(self.style.WARNING(f"would be held: {account}: {reason}"))
        if rehearsed.changes:
            self.stdout.write("The largest changes against the last bill:")
        for change in rehearsed.changes:
            self.tell_change(change)

    def tell_total(self, total):
        kinds = {"calls": total.calls_cents, **total.charges_cents}
        parts = [f"{name} {Money(cents, total.currency)}" for name, cents in kinds.items() if cents]
        whole, before = (
            Money(cents, total.currency) for cents in (total.total_cents, total.last_time_cents)
        )
        self.stdout.write(f"In {total.currency}: {whole}, last time {before}: {', '.join(parts)}")

    def tell_change(self, change):
        currency = change.account.currency
        after = Money(change.after_cents, currency)
        before = "no bill" if change.before_cents is None else Money(change.before_cents, currency)
        self.stdout.write(
            f"  {Money(change.cents, currency)}: {change.account}: {before} to {after}"
        )

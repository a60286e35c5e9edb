"""`manage.py make_staff_groups`: make the groups that give the operator's staff what they need.

Run it after every upgrade; running it again sets the groups to what stands here.
"""

from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat

#: What each group may do, by app and permission. Superusers may do all, and alone change staff.
GROUPS = {
    "Billing staff": {
        "accounts.view_account", "accounts.add_account", "accounts.change_account",
        "accounts.view_auditentry", "accounts.view_letter",
        "users.view_user", "users.add_user", "users.change_user", "users.look_as_user",
        "users.view_singlesignon",
        "conferences.view_conference", "conferences.add_conference",
        "conferences.change_conference", "conferences.view_pin",
        "conferences.view_dialinnumber", "conferences.add_dialinnumber",
        "conferences.change_dialinnumber", "conferences.delete_dialinnumber",
        "conferences.view_session", "conferences.view_leg", "conferences.view_channelreport",
        "conferences.view_callfile", "conferences.view_bridge", "conferences.view_bridgekey",
        "conferences.view_channelevent",
        "conferences.view_recording", "conferences.change_recording",
        "conferences.view_quarantinedrecord", "conferences.change_quarantinedrecord",
        "billing.view_rateplan", "billing.add_rateplan", "billing.change_rateplan",
        "billing.view_rate", "billing.add_rate", "billing.change_rate",
        "billing.view_accountplan", "billing.add_accountplan", "billing.change_accountplan",
        "billing.view_recurringfee", "billing.add_recurringfee", "billing.change_recurringfee",
        "billing.delete_recurringfee",
        "billing.view_tax", "billing.add_tax", "billing.change_tax", "billing.delete_tax",
        "billing.view_taxexemption", "billing.add_taxexemption", "billing.change_taxexemption",
        "billing.view_latefeerule", "billing.add_latefeerule", "billing.change_latefeerule",
        "billing.delete_latefeerule", "billing.view_latefeewaiver", "billing.add_latefeewaiver",
        "billing.view_billrun", "billing.view_billjob", "billing.change_billjob",
        "billing.view_bill", "billing.view_billline", "billing.view_billcharge",
        "billing.view_billdocument",
        "billing.view_billdelivery",
        "billing.view_collection", "billing.view_attempt",
        "billing.view_check", "billing.add_check", "billing.change_check",
        "billing.view_stripeevent", "billing.view_difference", "billing.change_difference",
        "billing.view_creditnote", "billing.add_creditnote", "billing.view_creditnoteline",
        "billing.view_refundrequest", "billing.add_refundrequest",
        "billing.view_writeoff", "billing.add_writeoff", "billing.view_dispute",
        "billing.view_linequestion", "billing.change_linequestion",
        "billing.view_journalentry", "billing.view_posting", "billing.view_allocation",
    },
    # Given to people besides the group above: nobody allows what they asked for themselves.
    "Billing approvers": {
        "billing.view_refundrequest", "billing.approve_refund",
        "billing.view_writeoff", "billing.approve_writeoff",
    },
}  # fmt: skip


class Command(BaseCommand):
    help = "Make or mend the groups of the operator's staff."

    @transaction.atomic
    def handle(self, *, verbosity, **options):
        by_name = Permission.objects.annotate(
            full_name=Concat("content_type__app_label", Value("."), "codename")
        )
        for name, wanted in GROUPS.items():
            permissions = by_name.filter(full_name__in=wanted)
            if len(permissions) != len(wanted):
                raise CommandError("Permissions are missing; run migrate first.")
            Group.objects.get_or_create(name=name)[0].permissions.set(permissions)
            if verbosity > 0:
                self.stdout.write(f"{name}: {len(wanted)} permissions")

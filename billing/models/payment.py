"""Collecting: the card or bank account on file, one collection per bill, and its attempts."""

import datetime as dt

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from billing.models.bill import Bill
from billing.models.dispute import Dispute

#: How Stripe names a charge that is no card's: a debit of a bank account.
BANK_DEBIT = "py_"
#: What Stripe does not charge; smaller amounts wait for the next bill.
#: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
MINIMUM_CHARGE_CENTS = 50
#: How often Stripe is asked about a debit that takes days, beside what it tells by itself.
ASKED_EVERY = dt.timedelta(hours=1)


class Payer(models.Model):
    """An account as Stripe knows it, from before it has a card: one customer there, kept."""

    account = models.OneToOneField(Account, models.PROTECT, related_name="payer")
    customer_id = models.CharField(_("Stripe customer"), max_length=100, unique=True)

    class Meta:
        verbose_name = _("payer")
        verbose_name_plural = _("payers")

    def __str__(self):
        return f"{self.account}: {self.customer_id}"


class StoredCard(models.Model):
    """The card or bank account that an account pays with.

    Stripe keeps the number; we keep what may be shown. Only cards have a brand and an expiry.
    """

    class Kind(models.TextChoices):
        CARD = "card", _("Card")
        BANK = "us_bank_account", _("Bank account")

    account = models.OneToOneField(Account, models.PROTECT, related_name="card")
    customer_id = models.CharField(_("Stripe customer"), max_length=100)
    payment_method_id = models.CharField(_("Stripe payment method"), max_length=100)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind, default=Kind.CARD)
    brand = models.CharField(_("brand"), max_length=30, blank=True)
    bank_name = models.CharField(_("bank"), max_length=100, blank=True)
    last4 = models.CharField(_("last four"), max_length=4)
    expiry_month = models.PositiveSmallIntegerField(_("expiry month"), null=True, blank=True)
    expiry_year = models.PositiveSmallIntegerField(_("expiry year"), null=True, blank=True)

    class Meta:
        verbose_name = _("stored card or bank account")
        verbose_name_plural = _("stored cards and bank accounts")
        constraints = [
            models.CheckConstraint(
                name="card_expires_and_bank_account_does_not",
                condition=Q(
                    kind="card", bank_name="", expiry_month__isnull=False, expiry_year__isnull=False
                )
                | Q(kind="us_bank_account", brand="", expiry_month=None, expiry_year=None),
            )
        ]

    def __str__(self):
        return self.label

    @property
    def label(self):
        return label_of(self)

    @property
    def is_bank(self):
        return self.kind == self.Kind.BANK


def label_of(card):
    """Name a card or bank account as its holder knows it: `Visa •••• 4242`."""
    if card.kind == StoredCard.Kind.CARD:
        return f"{card.brand.replace('_', ' ').title()} •••• {card.last4}"
    label = gettext("Bank account •••• %(last4)s") % {"last4": card.last4}
    return f"{label}, {card.bank_name}" if card.bank_name else label


class ReplacedCard(models.Model):
    """A card or bank account that its account no longer pays with.

    `detached_at`: since when Stripe forgot it.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    payment_method_id = models.CharField(_("Stripe payment method"), max_length=100, unique=True)
    replaced_at = models.DateTimeField(_("replaced"))
    detached_at = models.DateTimeField(_("detached at Stripe"), null=True)

    class Meta:
        verbose_name = _("replaced card")
        verbose_name_plural = _("replaced cards")
        indexes = [
            models.Index(
                fields=["replaced_at"], name="cards_to_detach", condition=Q(detached_at=None)
            )
        ]

    def __str__(self):
        return self.payment_method_id


class CollectionQuerySet(models.QuerySet):
    def open(self):
        """Narrow to collections that may still take money: not paid, not given up."""
        return self.filter(state__in=Collection.OPEN_STATES)

    def on_its_way(self):
        """Narrow, within a query of bills, to the payment under way by which each is paid.

        It is one of older bills too: each bill's amount due holds what they left.
        """
        return self.filter(
            state=Collection.State.PROCESSING,
            bill__account=OuterRef("account"),
            bill__number__gte=OuterRef("number"),
        )

    def due(self, now):
        """Narrow to those with something to do at `now`, the longest untouched first.

        That is: to be opened, to be charged for the first time or again, or begun and not ended.
        While a payment of the account is disputed, only what was begun is ended. A payment that
        is known to be under way is asked about now and then.
        """
        state = Collection.State
        begun = Exists(Attempt.objects.filter(collection=OuterRef("pk"), state__in=Attempt.LIVE))
        disputes = Dispute.objects.open().filter(account=OuterRef("bill__account"))
        by_card = Q(is_automatic=True, bill__account__card__isnull=False)
        return self.filter(
            Q(begun, state=state.OPEN)
            | Q(begun, state=state.PROCESSING, updated_at__lte=now - ASKED_EVERY)
            | Q(
                Q(state=state.WAITING)
                | Q(by_card, state=state.OPEN)
                | Q(by_card, state=state.DECLINED, next_try_at__lte=now),
                ~Exists(disputes),
            )
        ).order_by("updated_at", "pk")


class Collection(models.Model):
    """The taking of one bill's amount due, through exactly one PaymentIntent at a time.

    `generation` counts the PaymentIntents: a cancelled one is followed by the next.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for the bill before")
        OPEN = "open", _("Open")
        PROCESSING = "processing", _("Processing")
        ACTION_REQUIRED = "action_required", _("The bank asks for authentication")
        DECLINED = "declined", _("Declined")
        PAID = "paid", _("Paid")
        SUPERSEDED = "superseded", _("Carried over to the next bill")
        SETTLED = "settled", _("Settled otherwise")

    OPEN_STATES = ("waiting", "open", "processing", "action_required", "declined")

    bill = models.OneToOneField(Bill, models.PROTECT, related_name="collection")
    amount_cents = models.BigIntegerField(_("amount"))
    currency = models.CharField(max_length=3)
    state = models.CharField(_("state"), max_length=15, choices=State, default=State.OPEN)
    intent_id = models.CharField(max_length=100, unique=True, null=True)  # noqa: DJ001 (NULL: none yet)
    generation = models.PositiveIntegerField(default=1)
    is_automatic = models.BooleanField(
        _("charged by itself"), default=True, help_text=_("else only when a customer presses Pay")
    )
    next_try_at = models.DateTimeField(_("next try"), null=True)
    flagged_at = models.DateTimeField(_("given to staff"), null=True)
    updated_at = models.DateTimeField(_("updated"))

    objects = CollectionQuerySet.as_manager()

    class Meta:
        ordering = ["-bill"]
        verbose_name = _("collection")
        verbose_name_plural = _("collections")
        constraints = [
            models.CheckConstraint(name="collection_takes_money", condition=Q(amount_cents__gt=0))
        ]

    def __str__(self):
        return f"{self.bill}: {self.get_state_display()}"


class Attempt(models.Model):
    """One try to take the money, committed before Stripe is called; "unknown" is a state."""

    class State(models.TextChoices):
        STARTED = "started", _("Started")
        UNKNOWN = "unknown", _("Unknown")
        SUCCEEDED = "succeeded", _("Succeeded")
        PROCESSING = "processing", _("Processing")
        ACTION_REQUIRED = "action_required", _("Authentication required")
        DECLINED = "declined", _("Declined")
        CANCELLED = "cancelled", _("Cancelled")

    #: Begun, and not known to have ended.
    LIVE = ("started", "unknown", "processing")

    collection = models.ForeignKey(Collection, models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField(_("number"))
    customer_id = models.CharField(max_length=100)
    payment_method_id = models.CharField(max_length=100)
    state = models.CharField(_("state"), max_length=15, choices=State, default=State.STARTED)
    started_at = models.DateTimeField(_("started"))
    code = models.CharField(_("code"), max_length=100, blank=True)
    decline_code = models.CharField(_("decline code"), max_length=100, blank=True)
    charge_id = models.CharField(_("charge"), max_length=100, blank=True)
    is_by_customer = models.BooleanField(_("on the pay page"), default=False)

    class Meta:
        ordering = ["collection", "number"]
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        constraints = [
            models.UniqueConstraint(fields=["collection", "number"], name="attempts_are_numbered"),
            models.UniqueConstraint(
                fields=["collection"],
                name="collection_is_paid_by_one_attempt",
                condition=Q(state="succeeded"),
            ),
            models.UniqueConstraint(
                fields=["collection"],
                name="collection_has_one_live_attempt",
                condition=Q(state__in=["started", "unknown", "processing"]),
            ),
        ]

    def __str__(self):
        return f"{self.collection} try {self.number}: {self.get_state_display()}"

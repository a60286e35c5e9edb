"""Stripe's published test cards, and what becomes of whoever uses them.

Source: docs.stripe.com/testing; the error details are those that test mode answers with.
"""

from dataclasses import dataclass

from .errors import Refused

MESSAGES = {
    "authentication_required": "Your card was declined. This transaction requires authentication.",
    "authentication_not_handled": "This payment requires authentication.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "insufficient_funds": "Your card has insufficient funds.",
    "processing_error": (
        "An error occurred while processing your card. Try again in a little bit."
    ),
}
#: Decline codes that are an error code of their own; every other one is a `card_declined`.
ERROR_CODES = {
    "authentication_not_handled": "authentication_required",
    "authentication_required": "authentication_required",
    "expired_card": "expired_card",
    "incorrect_cvc": "incorrect_cvc",
    "processing_error": "processing_error",
}
PARAMS = {"expired_card": "exp_month", "incorrect_cvc": "cvc"}
ADVICE = {
    "expired_card": "confirm_card_data",
    "generic_decline": "try_again_later",
    "incorrect_cvc": "confirm_card_data",
    "insufficient_funds": "try_again_later",
    "lost_card": "do_not_try_again",
    "pickup_card": "do_not_try_again",
    "processing_error": "try_again_later",
    "stolen_card": "do_not_try_again",
}


@dataclass(frozen=True)
class Card:
    """One test card: its looks, and what it does when it is saved, charged or refunded."""

    number: str
    brand: str = "visa"
    funding: str = "credit"
    #: Decline code met whenever the card is used, so that it can never be saved.
    refused_for: str | None = None
    #: Decline code met only when money is asked for.
    declined_for: str | None = None
    #: When the bank wants its holder: "never", "always", "until_set_up" or "on_session".
    authentication: str = "never"
    dispute_reason: str | None = None
    #: How a refund ends: "succeeds", "pends" or "fails".
    refund: str = "succeeds"


CARDS = {
    card.number: card
    for card in [
        Card("4242424242424242"),
        Card("4000056655665556", funding="debit"),
        Card("5555555555554444", brand="mastercard"),
        Card("378282246310005", brand="amex"),
        Card("6011111111111117", brand="discover"),
        Card("4000000000000002", refused_for="generic_decline"),
        Card("4000000000009995", refused_for="insufficient_funds"),
        Card("4000000000009987", refused_for="lost_card"),
        Card("4000000000009979", refused_for="stolen_card"),
        Card("4000000000000069", refused_for="expired_card"),
        Card("4000000000000127", refused_for="incorrect_cvc"),
        Card("4000000000000119", refused_for="processing_error"),
        Card("4000000000000341", declined_for="generic_decline"),
        Card("4000002500003155", authentication="until_set_up"),
        Card("4000002760003184", authentication="always"),
        Card("4000003800000446", authentication="on_session"),
        Card("4000008260003178", authentication="until_set_up", declined_for="insufficient_funds"),
        Card("4000000000000259", dispute_reason="fraudulent"),
        Card("4000000000007726", refund="pends"),
        Card("4000000000005126", refund="fails"),
    ]
}

#: Test payment methods: each use makes a new payment method with this card.
CARD_TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_visa_debit": "4000056655665556",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_amex": "378282246310005",
    "pm_card_discover": "6011111111111117",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_visa_chargeDeclinedLostCard": "4000000000009987",
    "pm_card_visa_chargeDeclinedStolenCard": "4000000000009979",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "pm_card_chargeDeclinedIncorrectCvc": "4000000000000127",
    "pm_card_chargeDeclinedProcessingError": "4000000000000119",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_authenticationRequiredSetupForOffSession": "4000003800000446",
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds": "4000008260003178",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_pendingRefund": "4000000000007726",
    "pm_card_refundFail": "4000000000005126",
}


def message_for(decline_code):
    """Say a decline as the cardholder may read it; lost or stolen is not told."""
    return MESSAGES.get(decline_code, "Your card was declined.")


def decline(decline_code, **details):
    """Describe a declined card as Stripe's `error` object does."""
    return {
        "type": "card_error",
        "code": ERROR_CODES.get(decline_code, "card_declined"),
        "decline_code": decline_code,
        "message": message_for(decline_code),
        **{k: table[decline_code] for k, table in _EXTRAS.items() if decline_code in table},
        **details,
    }


def declined(decline_code, **details):
    """Answer 402: the bank said no."""
    error = decline(decline_code, **details)
    return Refused(402, error.pop("message"), kind=error.pop("type"), **error)


_EXTRAS = {"param": PARAMS, "advice_code": ADVICE}

"""What the sample world's operator charges beside calls, from its first month on."""

from accuconf.sandbox.world.companies import BRIGHTWATER, US_STANDARD, US_VOLUME, WORLD

#: By plan: the name and the cents of its monthly fee.
FEES = {
    US_STANDARD: ("Monthly service", 1995),
    US_VOLUME: ("Monthly service, volume", 9900),
    WORLD: ("Monthly service, international", 2950),
}
SURCHARGE = {"name": "Regulatory recovery surcharge", "percent": "4.5", "on_fees": False}
#: The sales and excise taxes of two states, of all that is billed there.
TAXES = (
    {"name": "Massachusetts sales tax", "percent": "6.25", "region": "MA"},
    {"name": "Illinois telecommunications excise tax", "percent": "7", "region": "IL"},
)
#: The account that pays no tax of its state, and by what that is proved.
EXEMPT = {BRIGHTWATER.number: ("Illinois telecommunications excise tax", "E-9987-4410-08")}
LATE_FEE = {"percent": "1.5", "minimum_cents": 500, "grace_days": 5}

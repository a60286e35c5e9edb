"""A stand-in for the part of Stripe that the portal uses: strict, stateful, loopback only.

`serve()` runs it in this process for tests, `python -m accuconf.sandbox.stripe` alone for the
demo, and `Controls(url)` drives either from any process. What it does is what Stripe's reference
and test mode are known to do; `tests/sandbox/test_stripe_contract.py` runs against both. It does
not play Checkout, the billing portal, search, manual capture or micro-deposits, and says so when
asked.
"""

from .controls import Controls
from .standin import StandIn, serve

__all__ = ["Controls", "StandIn", "serve"]

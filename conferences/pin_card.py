"""What the page of a conference shows of its PINs."""

from django.core.paginator import Page
from django.http import HttpRequest

from accounts.paging import page_of
from conferences.models.pin import kinds_changeable_by


def pin_card(request: HttpRequest, conference, pins, *, now) -> dict:
    """Return what the card of PINs is made of; `pins` are those that the reader may see."""
    removed = list(pins.removed_lately(now=now))
    asked = request.GET.get("removed", "")
    sought = request.GET.get("pin", "").replace("\0", "").strip()  # no name can hold a NUL
    found = page_of(request, pins.active().named_like(sought).with_uses(), parameter="pins")
    return {
        "pins": _with_states(found, now),
        "sought_pin": sought,
        "removed_pins": removed,
        "just_removed": next((pin for pin in removed if str(pin.pk) == asked), None),
        "may_add_pins": bool(kinds_changeable_by(request.user, conference)),
    }


def _with_states(page: Page, now) -> Page:
    for pin in page:
        pin.state = pin.state_at(now)
    return page

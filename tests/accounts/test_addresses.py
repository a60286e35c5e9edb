"""Addresses as each country writes them, by Google's data."""

import contextlib

import pytest
from django_countries import countries

from accounts.addresses import NoSuchAddress, as_written_there


def written(country, region, postal_code):
    answer = as_written_there(country=country, region=region, postal_code=postal_code)
    return answer["region"], answer["postal_code"]


def errors(country, region, postal_code):
    with pytest.raises(NoSuchAddress) as wrong:
        written(country, region, postal_code)
    return wrong.value.errors


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (("US", "massachusetts", "02110"), ("MA", "02110")),
        (("US", "ma", "02110-1234"), ("MA", "02110-1234")),
        (("CA", "Québec", "h3z 2y7"), ("QC", "H3Z 2Y7")),
        (("CA", "quebec", "H3Z2Y7"), ("QC", "H3Z2Y7")),
        (("BR", "sao paulo", "01310-100"), ("SP", "01310-100")),
        (("JP", "tokyo", "154-0023"), ("Tokyo", "154-0023")),
        (("GB", "", "ec1y 8sy"), ("", "EC1Y 8SY")),
        (("DE", "Bayern", "80331"), ("Bayern", "80331")),
        (("IE", "Dublin", "A65 F4E2"), ("Dublin", "A65 F4E2")),
        (("HK", "Kowloon", ""), ("Kowloon", "")),
    ],
)
def test_address_is_written_as_its_country_does(typed, expected):
    assert written(*typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (
            ("US", "", "02110"),
            {"region": "Addresses in United States of America need a state or region."},
        ),
        (
            ("US", "Bavaria", "02110"),
            {"region": "“Bavaria” is not a state or region of United States of America."},
        ),
        (
            ("US", "MA", "90210"),
            {
                "postal_code": "“90210” is not a postal code in MA, United States of America; one"
                " there is 01000."
            },
        ),
        (
            ("FR", "", ""),
            {"postal_code": "Addresses in France need a postal code."},
        ),
        (
            ("DE", "", "8033"),
            {"postal_code": "“8033” is not a postal code in Germany; one there is 26133."},
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_field(typed, expected):
    assert errors(*typed) == expected


@pytest.mark.parametrize("country", [code for code, _ in countries])
def test_every_country_that_can_be_chosen_has_an_answer(country):
    with contextlib.suppress(NoSuchAddress):
        written(country, "Somewhere", "no postal code of any country")

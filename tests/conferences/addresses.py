"""Addresses of the pages about one conference, PIN, call or recording, by their names."""

from django.urls import reverse


def address(name, thing, *arguments):
    return reverse(f"conferences:{name}", args=[thing.pk, *arguments])


def page_of(conference):
    return address("conference_view", conference)

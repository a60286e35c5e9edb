"""Doing something to the database and undoing it, many times in one test."""

from contextlib import contextmanager

from django.db import transaction


@contextmanager
def undone():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)

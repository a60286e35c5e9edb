"""Verifying the books of a million billed legs.

Run it with `./portal test tests/benchmarks/bench_verify_books.py -s`. It prints the slowest checks.
"""

import time
from itertools import pairwise

import pytest

from billing.gateway import gateway
from billing.services import runs
from billing.services.issue import opens_at
from billing.verification import books
from tests.benchmarks.million import LEGS, MARCH, add_million_legs

SLOWEST = 5


@pytest.mark.django_db
def test_verifying_a_million_legs():
    add_million_legs()
    now = opens_at(MARCH)
    runs.open_runs(MARCH, now=now)
    jobs = list(runs.issue_waiting(gateway=gateway(), now=now))
    instants = [time.perf_counter()]

    findings = books.verify(now=now, told=lambda: instants.append(time.perf_counter()))

    spent = [after - before for before, after in pairwise(instants)]
    by_check = sorted(zip(spent, books.CHECKS, strict=True), key=lambda each: -each[0])
    print(f"\n{len(jobs)} bills of {LEGS:,} legs: {sum(spent):.1f} s")
    for seconds, check in by_check[:SLOWEST]:
        print(f"  {seconds:6.2f} s  {check.name}")
    assert [finding for finding in findings if finding.check.serious] == []

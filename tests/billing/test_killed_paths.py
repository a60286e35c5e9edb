"""Every path on which money moves, killed at each of its points: in the end all is right, once."""

import pytest

from tests.billing import killing

# Each of these declares its paths as it is imported.
from tests.billing.killed_paths import (  # noqa: F401
    checks,
    collecting,
    credit_notes,
    debits,
    disputes,
    paying,
    refunds,
    write_offs,
)
from tests.billing.killing import PATHS

#: At how many points of each path the ordinary run kills; the full one kills at each.
SAMPLE = 3

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_world")]


@pytest.mark.parametrize("name", PATHS)
def test_path_killed_at_some_points_is_finished(name, stripe_standin, tmp_path):
    chosen = PATHS[name](stripe_standin)
    points = killing.points(chosen, tmp_path / "points.json")

    assert killing.kill_at_each(chosen, killing.sample(points, SAMPLE)) == []


@pytest.mark.full
@pytest.mark.parametrize("name", PATHS)
def test_path_killed_at_every_point_is_finished(name, stripe_standin, tmp_path):
    chosen = PATHS[name](stripe_standin)
    points = killing.points(chosen, tmp_path / "points.json")

    assert killing.kill_at_each(chosen, points) == []

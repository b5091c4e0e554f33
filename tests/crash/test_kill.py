"""kill -9 at any moment: nothing acknowledged is lost or done twice (B2-1, B2-2, B2-8), and the test would know."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from bot.deliver import IN_FLIGHT
from tests.crash.killing import run
from tests.crash.sabotage import SABOTAGES


@pytest.mark.parametrize("kills", [100, pytest.param(1000, marks=pytest.mark.long)])
def test_nothing_is_lost_or_done_twice_however_often_the_processes_are_killed(tmp_path: Path, kills: int) -> None:
    """Web and worker die independently; every reader who pressed the last button has exactly one order."""
    left = run(tmp_path, kills, seed=kills)
    assert left.problems == []
    assert left.whole == "ok"
    assert left.orders > kills / 4  # they did talk meanwhile
    assert (left.unsent, left.never_shown) == (0, 0)  # every reply was sent at least once
    assert left.doubled <= IN_FLIGHT * left.kills["work"]
    assert sum(left.kills.values()) == kills
    print(
        f"{left.kills}: {left.updates} updates, {left.orders} orders, {left.doubled} sends doubled, "
        f"back after {median(left.recoveries) * 1000:.0f} ms (longest {max(left.recoveries) * 1000:.0f} ms)"
    )


@pytest.mark.parametrize("sabotage", SABOTAGES)
def test_a_broken_guarantee_is_found_out_within_fifty_kills(tmp_path: Path, sabotage: str) -> None:
    """The test above is worth something: with one guarantee taken away it fails."""
    found = run(tmp_path, 50, sabotage, seed=7)
    print(f"{sabotage}: after {found.kills}: {found.problems}")
    assert found.problems

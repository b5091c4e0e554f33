"""What the lending tests start from: a small library of their own."""

from __future__ import annotations

from datetime import datetime

import pytest

from lending.database import Store
from tests.lending.world import World


@pytest.fixture
def world(store: Store, now: datetime) -> World:
    """One branch, one locker, the default rules."""
    made = World(store, now)
    made.branch("main")
    made.locker("locker", S=2, M=2, L=1)
    return made

"""The simulators' pages over a busy library, and a visitor."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask

from lending.database import Store
from tests import small_desk, small_stage
from tests.admin.conftest import Hand


class Ticks:
    """Counts how often what is due was done."""

    def __init__(self) -> None:
        self.n = 0

    def __call__(self) -> None:
        self.n += 1


@pytest.fixture
def clock(store: Store, now: datetime) -> small_desk.StoodStill:
    return small_desk.StoodStill(store, now)


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def app(store: Store, now: datetime, clock: small_desk.StoodStill, ticks: Ticks) -> Flask:
    small_desk.settle(store, now)
    return small_stage.application(store, clock, ticks)


@pytest.fixture
def visitor(app: Flask) -> Hand:
    """Somebody trying the service."""
    hand = Hand(app)
    hand.get("/simulator")
    return hand

"""A system clock that leaps while we run is not believed at once; one that a demonstration moves is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot import worker
from bot.service import Service
from lending.clock import BELIEVED_AFTER, Leaps, leapt_by
from lending.database import Store

DAY = 24 * 3600.0


class Machine:
    """A system whose clock somebody sets."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_800_000_000.0, 5_000.0

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds

    def leaps(self) -> Leaps:
        return Leaps(lambda: self.wall, lambda: self.steady)


@pytest.fixture
def machine() -> Machine:
    return Machine()


@pytest.mark.parametrize("by", [5 * 365 * DAY, -5 * 365 * DAY, 1.5 * DAY])
def test_a_leap_is_seen_until_the_clock_is_back(machine: Machine, by: float) -> None:
    leaps = machine.leaps()
    machine.passes(40 * DAY)
    assert leaps.seconds() == 0, "time that passed is no leap"
    machine.wall += by
    assert leaps.seconds() == pytest.approx(by)
    machine.passes(60)
    assert leaps.seconds() == pytest.approx(by)
    machine.wall -= by
    assert leaps.seconds() == 0
    machine.wall += by
    machine.passes(BELIEVED_AFTER - 60)
    assert leaps.seconds() == pytest.approx(by), "the hour begins with each leap"


def test_a_clock_that_stands_so_for_an_hour_is_believed(machine: Machine) -> None:
    """A machine without a clock of its own learns the time after its start."""
    leaps = machine.leaps()
    machine.wall += 700 * DAY
    assert leaps.seconds() == pytest.approx(700 * DAY)
    machine.passes(BELIEVED_AFTER)
    assert leaps.seconds() == 0
    machine.wall -= 700 * DAY
    assert leaps.seconds() == pytest.approx(-700 * DAY), "from then on that is the time"


def test_a_clock_set_a_little_is_no_leap(machine: Machine) -> None:
    leaps = machine.leaps()
    for by in (3600.0, -7200.0, 80_000.0):
        machine.wall += by
        assert leaps.seconds() == 0
        machine.wall -= by
    assert abs(Leaps().seconds()) == 0, "this machine's own clocks"


class Stopping(threading.Event):
    """Ends the loop after so many rounds; each is told to the machine."""

    def __init__(self, machine: Machine, sets: dict[int, float], looks: Callable[[], None]) -> None:
        super().__init__()
        self.machine, self.sets, self.rounds, self.looks = machine, sets, 0, looks

    def wait(self, timeout: float | None = None) -> bool:
        self.rounds += 1
        self.looks()
        self.machine.passes(timeout or 0)
        self.machine.wall += self.sets.get(self.rounds, 0)
        if self.rounds > 6:
            self.set()
        return self.is_set()


class Moved:
    """A service whose clock the demonstration moves as well."""

    def __init__(self, machine: Machine, store: Store) -> None:
        self.machine, self.ahead = machine, timedelta(0)
        self.clock, self.store, self.policy = self, store, None

    def now(self) -> datetime:
        self.ahead += timedelta(days=30)
        return datetime.fromtimestamp(self.machine.wall, UTC) + self.ahead


def test_the_worker_does_nothing_by_a_clock_that_leapt_and_goes_on_when_it_is_back(
    machine: Machine, store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What it has found stands in the store: the pages may be served by a process that has no worker."""
    done: list[str] = []
    seen: list[float] = []
    monkeypatch.setattr(worker.notify, "tick", lambda *_: done.append("tick"))
    monkeypatch.setattr(worker.notify, "tell", lambda *_: done.append("tell"))
    monkeypatch.setattr(worker, "TICK_SECONDS", 0.0)
    stop = Stopping(machine, {2: 5 * 365 * DAY, 5: -5 * 365 * DAY}, lambda: seen.append(leapt_by(store.db) / DAY))
    moved: Service = Moved(machine, store)  # type: ignore[assignment]
    worker.keep_time(moved, stop, machine.leaps())
    assert done == ["tick", "tell"] * 4, "rounds 1, 2, 6 and 7"
    assert seen == [0, 0, 1825, 1825, 1825, 0, 0]
    assert [line.getMessage() for line in caplog.records] == [
        "the clock leapt by +1825.0 days: what falls due waits until it is back, or for an hour"
    ]



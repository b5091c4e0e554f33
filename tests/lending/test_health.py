"""Whoever watches the machine hears of a disk that takes no more, and troubles it no more often than now and then."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pytest

from lending import health
from lending.errors import StoreUnwritable
from lending.health import Health
from tests.lending.world import World


class Watch:
    """Counts how often the disk is looked at, on a clock of its own."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.looks, self.free = 100.0, 0, 2**40
        monkeypatch.setattr(health, "time", SimpleNamespace(monotonic=lambda: self.now))
        monkeypatch.setattr(shutil, "disk_usage", self.usage)
        self.health = Health(world.store)

    def usage(self, folder: object) -> SimpleNamespace:
        self.looks += 1
        return SimpleNamespace(free=self.free)


@pytest.fixture
def watch(world: World, monkeypatch: pytest.MonkeyPatch) -> Watch:
    return Watch(world, monkeypatch)


def test_a_full_disk_is_said_before_the_log_is_full_too(watch: Watch) -> None:
    assert watch.health.wrong() == ""
    watch.now, watch.free = watch.now + health.LOOK_SECONDS, 3 * 2**20
    assert watch.health.wrong() == "the disk is full: 3072 KB left"  # to anybody who asks, and so without our paths
    watch.now, watch.free = watch.now + health.LOOK_SECONDS, 2**30
    assert watch.health.wrong() == "", "and that there is room again"


def test_a_disk_that_refuses_is_said_in_its_words(
    watch: Watch, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses() -> None:
        raise StoreUnwritable("attempt to write a readonly database")

    monkeypatch.setattr(world.store, "writing", refuses)
    assert watch.health.wrong().endswith(": attempt to write a readonly database")


def test_however_often_it_is_asked_the_disk_is_looked_at_once_in_some_seconds(watch: Watch, world: World) -> None:
    commits = world.store._door.commits
    for _ in range(50):
        watch.health.wrong()
        watch.now += health.LOOK_SECONDS / 25
    assert (watch.looks, world.store._door.commits - commits) == (2, 2)

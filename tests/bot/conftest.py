"""A library with the sample catalogue, and someone to talk to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.service import Service
from tests.talking import Person, open_sample, prepare_sample


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once for all tests here."""
    return prepare_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture
def service(prepared: Path, tmp_path: Path) -> Iterator[Service]:
    """A library of this test's own."""
    made = open_sample(prepared, tmp_path / "library")
    yield made
    made.store.close()


@pytest.fixture
def me(service: Service) -> Person:
    """Someone who has never written before."""
    return Person(service)

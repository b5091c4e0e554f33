"""What every test starts from: an empty store made by the real migrations, or the sample library; a fixed moment."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from bot.service import Service
from lending.database import Store
from tests import known_rules, stores  # noqa: F401  (the first is in force once it is imported)
from tests.talking import open_sample, prepare_sample

# No example is failed for its time on a busy machine. What `make test` says hangs on the code alone: it tries the same
# examples each time, so a change is never refused for what chance found elsewhere; `make test-long` looks for new ones.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("exploring", deadline=None)

# Whoever asks over HTTP reads a bundle of certificates first, 40 ms each time; nothing here speaks TLS.
os.environ["SSL_CERT_DIR"] = os.path.dirname(__file__)
os.environ.pop("SSL_CERT_FILE", None)  # it would be read instead


def pytest_configure() -> None:
    """Ctrl-C arrives also where the suite runs in the background: a shell has its background jobs ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What is imported and collected stays: to look through it for garbage again and again takes a twentieth of all."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_unconfigure() -> None:
    """Or what reads barcodes complains at the end of what was never let go."""
    gc.unfreeze()


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: some worker is always waiting, for a start, a browser or the disk."""
    return (os.cpu_count() or 1) + 1


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty library."""
    made = stores.fresh(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the sample catalogue and its index, made once, for copying."""
    return prepare_sample(tmp_path_factory.mktemp("sample"))


@pytest.fixture
def service(prepared: Path, tmp_path: Path) -> Iterator[Service]:
    """A library with the sample catalogue, of this test's own."""
    made = open_sample(prepared, tmp_path / "library")
    yield made
    made.store.close()


@pytest.fixture
def now() -> datetime:
    """A Friday morning in the library: 10:00 in Shanghai."""
    return datetime(2026, 11, 20, 2, 0, tzinfo=UTC)

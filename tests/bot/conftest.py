"""Someone to talk to the sample library."""

from __future__ import annotations

import pytest

from bot.service import Service
from tests.talking import Person


@pytest.fixture
def me(service: Service) -> Person:
    """Someone who has never written before."""
    return Person(service)

"""What is promised, and never for an hour when nobody works (A1-16, A9-4)."""

from __future__ import annotations

from datetime import datetime

import pytest

from lending import desk
from lending.model import LIBRARY_ZONE
from lending.policy import load_policy

POLICY = load_policy()


def at(text: str) -> datetime:
    """A moment in the library."""
    return datetime.fromisoformat(text).replace(tzinfo=LIBRARY_ZONE)


@pytest.mark.parametrize(
    ("ordered", "ready"),
    [
        ("2026-11-20T10:00", "2026-11-21T10:00"),
        ("2026-11-20T03:00", "2026-11-21T09:00"),
        ("2026-11-20T22:30", "2026-11-22T09:00"),
        ("2026-11-20T17:59", "2026-11-21T17:59"),
        ("2026-11-20T18:00", "2026-11-22T09:00"),
        ("2026-02-15T10:00", "2026-02-18T09:00"),  # 除夕 and 初一 are nobody's working days
    ],
)
def test_books_are_ready_the_day_after_in_working_hours(ordered: str, ready: str) -> None:
    """A9-4."""
    assert desk.ready_by(POLICY, at(ordered)) == at(ready)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("2026-11-20T10:00", "2026-11-20T12:00"),
        ("2026-11-20T17:00", "2026-11-21T10:00"),
        ("2026-11-20T23:00", "2026-11-21T11:00"),
        ("2026-11-20T02:00", "2026-11-20T11:00"),
    ],
)
def test_an_answer_is_counted_in_hours_of_the_desk(asked: str, answered: str) -> None:
    """C3: what is asked at night is counted from the morning."""
    assert desk.within(POLICY.desk, POLICY.desk.answer_hours, at(asked), POLICY.calendar) == at(answered)


def test_somebody_is_there_from_opening_until_closing() -> None:
    """The minute of closing is closed."""
    assert desk.staffed(POLICY.desk, at("2026-11-20T09:00"), POLICY.calendar)
    assert not desk.staffed(POLICY.desk, at("2026-11-20T18:00"), POLICY.calendar)

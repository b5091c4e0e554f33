"""Each row of unlike.toml decides its example: with it the line is what the row says, without it what it is like."""

from __future__ import annotations

import pytest

from bot import understanding, unlike

ROWS = unlike.rows()


@pytest.mark.parametrize("row", ROWS, ids=[row.example for row in ROWS])
def test_a_row_decides_its_example(row: unlike.Unlike, monkeypatch: pytest.MonkeyPatch) -> None:
    understand = understanding.understand.__wrapped__  # nothing is remembered
    with_it = understand(row.example).name
    monkeypatch.setattr(unlike, "rows", lambda: tuple(other for other in ROWS if other is not row))
    without = understand(row.example).name
    assert with_it != without
    assert with_it == row.means if row.means else with_it not in row.intents


def test_every_row_speaks_of_intents_there_are() -> None:
    named = {name for row in ROWS for name in (*row.intents, row.means) if name}
    assert named <= set(understanding.INTENTS)
    assert {row.tongue for row in ROWS} <= {"", "zh", "en"}

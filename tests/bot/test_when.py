"""How far ahead a reader means, in the few forms that are asked for."""

from __future__ import annotations

from datetime import date

import pytest

from bot.when import days_ahead

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("10天", 10), ("十天", 10), ("两周", 14), ("暂停一个月", 30), ("半个月", 15), ("3 weeks", 21), ("a month", 30),
        ("到12月20日", 30), ("12-20", 30), ("2026年12月1号", 11), ("2026-11-21", 1), ("1月1日", 42), ("11月19日", 364),
        ("2026-11-19", None), ("2月31日", None), ("以后再说", None), ("", None), ("0天", None), ("11月20日", 365),
    ],
)  # fmt: skip
def test_a_span_or_a_date_becomes_days_from_today(said: str, days: int | None) -> None:
    assert days_ahead(said, TODAY) == days

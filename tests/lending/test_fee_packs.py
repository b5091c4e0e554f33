"""Prices, zones, campaigns and windows that contradict each other are refused with one line that names the field."""

from __future__ import annotations

from pathlib import Path

import pytest

from lending.policy import PACKS, PolicyError, load_policy

DEFAULT = (PACKS / "default.toml").read_text(encoding="utf-8")
REFUSED = [  # what stands in the default pack, what is put instead, what the line must name
    ('mode = "windows"', 'mode = "lottery"', "mode must be one of none, first_come, windows"),
    ('pay = "order"', 'pay = "never"', "pay must be one of order, return"),
    ("daily_fen = 1000000", "daily_fen = -1", "daily_fen: must be at least 0"),
    ("use_hours = 24", "use_hours = 0", "use_hours: must be at least 1"),
    ("{ days = 0, lots = 1 }", "{ days = 0, lots = 0 }", "must be at least 1"),
    ("{ days = 0, lots = 1 }", "{ days = 1, lots = 1 }", "free_shipping.lots must begin with days = 0 and climb"),
    ("{ days = 7, lots = 2 }", "{ days = 31, lots = 2 }", "free_shipping.lots must begin with days = 0 and climb"),
    ('"10:00", "14:00"', '"14:00", "10:00"', "free_shipping.windows must climb"),
    ('windows = ["10:00", "14:00", "18:00", "21:00"]', "windows = []", "needs at least one closing time"),
    ("base_books = 3", "", "needs either base_books or base_grams"),
    ("base_books = 3", "base_books = 3\nbase_grams = 900\neach_grams = 5", "needs either base_books or base_grams"),
    ("base_books = 3", "base_grams = 900", "needs base_grams and each_grams together"),
    ("each_fen = 100", "each_fen = 100\nreader_percent = 101", "reader_percent: must be at most 100"),
    ("each_fen = 100", "each_fen = 100\nreader_percent = -1", "reader_percent: must be at least 0"),
    ('zones = [{ zone = "city"', 'zones = [{ zone = "town"', "no zone 'city' in fees.zones"),
    (
        "campaigns = []",
        'campaigns = [{ name = "x", direction = "borrow", from = 2026-05-02, until = 2026-05-01 }]',
        "fees.campaigns: x ends before it begins",
    ),
]


@pytest.mark.parametrize(("stands", "instead", "names"), REFUSED)
def test_a_pack_with_wrong_fees_is_refused_in_one_line(tmp_path: Path, stands: str, instead: str, names: str) -> None:
    assert stands in DEFAULT
    path = tmp_path / "pack.toml"
    path.write_text(DEFAULT.replace(stands, instead, 1), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    assert names in str(caught.value)
    assert "\n" not in str(caught.value)

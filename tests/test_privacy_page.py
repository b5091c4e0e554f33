"""docs/privacy.md says the policy's own numbers and names every table that is cleared (A11-5)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from commands import privacy
from lending import sealed
from lending.policy import load_policy

PAGE = (Path(__file__).parents[1] / "docs" / "privacy.md").read_text(encoding="utf-8")
ROWS = [line.split("|") for line in PAGE.splitlines() if line.startswith("| ")][1:]


@pytest.mark.parametrize("table", privacy.KEPT)
def test_each_table_is_named_with_the_policys_days(table: str) -> None:
    days = getattr(load_policy().privacy, privacy.KEPT[table][0])
    told = [int(n) for row in ROWS if re.search(rf"\b{table}\b", row[2]) for n in re.findall(r"(\d+) days", row[3])]
    assert days in told


def test_every_sealed_column_is_of_a_table_on_the_page() -> None:
    assert [table for table in sealed.COLUMNS if table not in PAGE] == []

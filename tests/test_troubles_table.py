"""docs/troubles.md answers all 28 rows, and every test it names is there and says which trouble it is about."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINES = (ROOT / "docs/troubles.md").read_text(encoding="utf-8").splitlines()
ROWS = {
    int(found[1]): re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", line)
    for line in LINES
    if (found := re.match(r"\| B2-(\d+) \|", line))
}


def test_all_28_rows_are_answered() -> None:
    assert sorted(ROWS) == list(range(1, 29)) and all(ROWS.values())


@pytest.mark.parametrize("number", sorted(ROWS))
def test_each_named_test_is_there_and_names_its_trouble(number: int) -> None:
    for path, name in ROWS[number]:
        source = (ROOT / path).read_text(encoding="utf-8")
        tests = {node.name: node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
        assert name in tests, (path, name)
        told = " ".join((name, ast.get_docstring(tests[name]) or "", ast.get_docstring(ast.parse(source)) or ""))
        assert re.search(rf"b2[-_]{number}(?!\d)", told, re.IGNORECASE), (path, name)

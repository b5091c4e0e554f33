"""The whole tree is clean to ruff and mypy: what `make check` runs, and nothing is left out of it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHECKS = {"ruff": ["ruff", "check", "."], "mypy": ["mypy", "."]}
BAD = {
    "ruff": "import os\n",
    "mypy": "def half(n: int) -> str:\n    return n / 2\n",
}


def check(tool: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one of the tools over a folder, with our configuration."""
    command = [sys.executable, "-m", *CHECKS[tool]]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("tool", CHECKS)
def test_the_whole_tree_is_clean(tool: str) -> None:
    done = check(tool, ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("tool", CHECKS)
def test_the_configuration_lets_nothing_slip(tool: str, tmp_path: Path) -> None:
    """In tests as much as elsewhere."""
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_bad.py").write_text(BAD[tool])
    done = check(tool, tmp_path)
    assert done.returncode == 1
    assert "test_bad.py" in done.stdout


def test_make_check_runs_the_same() -> None:
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    assert recipe.group(1).split("\n")[:-1] == [f"\t$(BIN)/{' '.join(command)}" for command in CHECKS.values()]

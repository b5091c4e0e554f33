"""What is like an intent by the letter and means another (unlike.toml): a deed needs a word that says so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ALL_ALIKE = 2.0  # above any likeness


@dataclass(frozen=True, slots=True)
class Unlike:
    """One row: of which intents, what the line must hold and lack, and what it means instead; '' for none of ours."""

    intents: tuple[str, ...]
    holds: tuple[re.Pattern[str], ...]
    lacks: tuple[re.Pattern[str], ...]
    tongue: str
    below: float
    means: str
    query: str
    example: str

    def fits(self, intent: str, likeness: float, line: str) -> bool:
        """Whether a line that is so much like the intent means something else."""
        return (
            intent in self.intents
            and likeness < self.below
            and self.tongue in ("", "en" if line.isascii() else "zh")
            and all(words.search(line) for words in self.holds)
            and not any(words.search(line) for words in self.lacks)
        )


@cache
def rows() -> tuple[Unlike, ...]:
    """All of them, in their order. ValueError or KeyError where one is not well written."""
    path = Path(__file__).with_name("unlike.toml")
    return tuple(map(_row, tomllib.loads(path.read_text(encoding="utf-8"))["unlike"]))


def _row(said: Mapping[str, Any]) -> Unlike:
    return Unlike(
        _listed(said["intent"]), _patterns(said.get("holds", ())), _patterns(said.get("lacks", ())), said.get("in", ""),
        said.get("below", ALL_ALIKE), said["means"], said.get("query", ""), said["example"],
    )  # fmt: skip


def _listed(said: Any) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said)


def _patterns(said: Any) -> tuple[re.Pattern[str], ...]:
    return tuple(map(re.compile, _listed(said)))


def meant(intent: str, likeness: float, line: str) -> tuple[str, str]:
    """The intent that a line like `intent` has after all, and its query where a row gives one; '' for none of ours."""
    query = ""
    for row in rows():
        if row.fits(intent, likeness, line):
            intent, query = row.means, row.query
    return intent, query

"""answers.toml made ready: what a reader answers in words of their own to the buttons that stand there. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from bot.folding import trimmed, unspaced
from bot.offered import bare
from bot.templates import expression
from bot.understanding import plainly

LONGEST = 60  # characters; whoever says more tells of something else
MARKS = re.compile(r"[^\w']+")


@dataclass(frozen=True, slots=True)
class Answer:
    """Words, and the one button they stand for while it is there."""

    press: tuple[str, ...]
    beside: str  # what must stand there, too; '' for nothing
    words: re.Pattern[str]


@cache
def answers() -> tuple[Answer, ...]:
    """All that answers.toml says."""
    data = tomllib.loads(Path(__file__).with_name("answers.toml").read_text(encoding="utf-8"))
    before, behind = _any(data["before"]), _any(data["behind"])
    return tuple(
        Answer(
            press=tuple(one["press"]),
            beside=one.get("beside", ""),
            words=re.compile(f"(?:{before} ?)*?{_any(one['say'])}(?: ?{behind})*"),
        )
        for one in data["answers"]
    )


def _any(templates: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(expression, templates))})"


def meant(actions: Iterable[str], text: str) -> list[str]:
    """The buttons among `actions` that the words stand for; a question asks about one, and presses none."""
    if len(text) > LONGEST or "?" in plainly(text):
        return []
    said, actions = unspaced(MARKS.sub(" ", plainly(trimmed(text))).strip()), list(actions)
    found = []
    for one in answers():
        there = [action for action in actions if any(fnmatchcase(bare(action), button) for button in one.press)]
        stands = not one.beside or any(fnmatchcase(bare(action), one.beside) for action in actions)
        if there and stands and one.words.fullmatch(said):
            found += there
    return found

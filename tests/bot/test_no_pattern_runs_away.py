"""Whatever a reader types, reading it comes to an end: a pattern that can cut the same words in several ways may need
longer than anybody lives for forty of them (「那那那那…」)."""

from __future__ import annotations

import importlib
import pkgutil
import re
import signal
from collections.abc import Iterator
from itertools import islice, pairwise
from types import FrameType, ModuleType
from typing import Any

import pytest

import bot
import lending
import search
from bot import unlike
from bot.phrasebook import phrasebook

LENGTH = 60  # characters said, as the longest of them read
PATIENCE = 5.0  # seconds for what takes microseconds: it ends, or it never does
MODULES = [
    module.name
    for part in (bot, lending, search)
    for module in pkgutil.walk_packages(part.__path__, f"{part.__name__}.")
]


class Endless(Exception):
    """A pattern that did not come to an end."""


def patterns(value: Any, deep: int = 0) -> Iterator[re.Pattern[str]]:
    """The patterns that stand in a module, alone, in tuples or in tables."""
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, dict | list | tuple | set | frozenset) and deep < 3:
        for one in value.values() if isinstance(value, dict) else value:
            yield from patterns(one, deep + 1)


def seeds(pattern: str, most: int) -> list[str]:
    """So many pieces that the pattern itself speaks of, and as many of two of them together."""
    pieces = re.findall(r"[\u3400-\u9fff]{1,5}|[a-z]{2,8}", pattern)
    found = sorted({*pieces, *"".join(pieces), "1", " ", ","}, key=lambda one: (len(one), one))
    return [*found[:most], *map("".join, islice(pairwise(found), most))]


def endless(pattern: re.Pattern[str], most: int = 300) -> list[str]:
    """What, said again and again, the pattern does not come to an end with."""

    def give_up(number: int, frame: FrameType | None) -> None:
        raise Endless

    before = signal.signal(signal.SIGVTALRM, give_up)
    try:
        for seed in seeds(pattern.pattern, most):
            said = (seed * LENGTH)[:LENGTH]
            signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
            try:
                for text in (said, f"{said}㊀"):
                    pattern.fullmatch(text)
                    pattern.search(text)
            except Endless:
                return [seed]
            finally:
                signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    finally:
        signal.signal(signal.SIGVTALRM, before)
    return []


def test_the_check_finds_what_it_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.bot.test_no_pattern_runs_away.PATIENCE", 0.2)
    assert endless(re.compile("(?:那么?|[这那])*吗")) == ["那"]
    assert endless(re.compile("(?>那么?|[这那])*吗")) == []


def own(module: ModuleType) -> list[re.Pattern[str]]:
    """Its patterns."""
    return [pattern for value in vars(module).values() for pattern in patterns(value)]


@pytest.mark.parametrize("most", [60, pytest.param(300, marks=pytest.mark.long)])
def test_every_pattern_comes_to_an_end(most: int) -> None:
    """Said as often as may be: that many pieces of each, and pairs of them."""
    every = {id(one): (name, one) for name in MODULES for one in own(importlib.import_module(name))}
    said = [one for rule in (*phrasebook().rules, *phrasebook().wrappers) for one in rule.patterns]
    said += [phrasebook().wishes, phrasebook().leads, phrasebook().tails]
    every |= {id(one): ("phrases.toml", one) for one in said}
    every |= {id(one): ("unlike.toml", one) for row in unlike.rows() for one in (*row.holds, *row.lacks)}
    assert len(every) > 600
    wrong = [(name, one.pattern[:60], found) for name, one in every.values() if (found := endless(one, most))]
    assert wrong == []

"""phrases.toml made ready for matching, once, when the first line is understood: it takes half a second."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.templates import expression, fill, wordings


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to say an intent. `bare`: courtesies may not stand before it. `gives_way`: to a title that reads so."""

    intent: str
    slots: Mapping[str, str | int]
    bare: bool
    gives_way: bool
    only: frozenset[str]  # if any, what its query may be
    unless: tuple[str, ...]  # how a text may not begin
    phrases: frozenset[str]
    patterns: tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """Words that, all in one sentence, mean an intent."""

    intent: str
    slots: Mapping[str, str | int]
    words: tuple[str, ...]
    rank: int  # the lowest counts

    def within(self, sentence: str) -> bool:
        """Whether all the words stand in `sentence`, English ones as whole words (it begins and ends with a blank)."""
        return all((f" {word} " if word.isascii() else word) in sentence for word in self.words)


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """All that phrases.toml says."""

    rules: tuple[Rule, ...]
    wrappers: tuple[Rule, ...]  # of a search; tried when nothing else fits
    phrases: Mapping[str, Rule]  # the first rule that lists a wording has it
    heard: Mapping[str, tuple[Heard, ...]]  # by the first two characters of their longest word
    wishes: re.Pattern[str]  # an English wish put politely
    leads: re.Pattern[str]
    tails: re.Pattern[str]
    titles: frozenset[str]


@cache
def phrasebook() -> Phrasebook:
    """All that readers say."""
    return read(Path(__file__).with_name("phrases.toml"))


def read(path: Path) -> Phrasebook:
    """The phrasebook in the TOML file at `path`. ValueError or KeyError where a template is wrong."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    fragments, shelves = data["fragments"], frozenset(data["shelves"])
    rules = tuple(_rule(entry, fragments, shelves) for entry in data["rules"])
    phrases: dict[str, Rule] = {}
    for rule in rules:
        for phrase in rule.phrases:
            phrases.setdefault(phrase, rule)
    wishes = expression(fill("<wishing>", fragments))
    leads, tails = _longest_first(data["leads"]), _longest_first(data["tails"])
    return Phrasebook(
        rules=tuple(rule for rule in rules if rule.intent != "search"),
        wrappers=tuple(rule for rule in rules if rule.intent == "search"),
        phrases=phrases,
        heard=_heard(data["heard"]),
        wishes=re.compile(rf"{wishes}(?![a-z'])[ ,]*"),
        leads=re.compile(rf"(?:{wishes}(?![a-z'])|(?:{leads})(?![a-z]))[ ,.!:;?~]*"),
        tails=re.compile(rf"[ ,.!?~]*(?:(?<![a-z])(?:{tails}))[ ,.!?~]*$"),
        titles=frozenset(data["titles"]),
    )


def _rule(entry: Mapping[str, Any], fragments: Mapping[str, str], shelves: frozenset[str]) -> Rule:
    templates = [fill(line, fragments) for line in entry["say"]]
    listed = {line: wordings(line) for line in templates}
    return Rule(
        intent=entry["intent"],
        slots=entry.get("slots", {}),
        bare=entry.get("bare", False),
        gives_way=entry.get("gives_way", False),
        only=shelves if entry.get("shelf") else frozenset(),
        unless=tuple(entry.get("unless", ())),
        phrases=frozenset(phrase for found in listed.values() for phrase in found or () if phrase),
        patterns=tuple(re.compile(expression(line)) for line, found in listed.items() if found is None),
    )


def _heard(entries: Iterable[Mapping[str, Any]]) -> Mapping[str, tuple[Heard, ...]]:
    every = [(entry, tuple(line.split("+"))) for entry in entries for line in entry["words"]]
    table: dict[str, tuple[Heard, ...]] = {}
    for rank, (entry, words) in enumerate(every):
        key = max(words, key=len)[:2]
        table[key] = (*table.get(key, ()), Heard(entry["intent"], entry.get("slots", {}), words, rank))
    return table


def _longest_first(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


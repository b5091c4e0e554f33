"""Where a title stands: 中国图书馆分类法 (22 main classes, their second level) and 18 everyday shelves (A2-19)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Shelf:
    """A class or shelf. `name` is Simplified Chinese and the msgid; `prefixes` are what Filters(clc=…) takes."""

    code: str
    name: str
    english: str
    prefixes: tuple[str, ...]


NOWHERE = Shelf("", "未分类", "Unclassified", ())


def main_classes() -> list[Shelf]:
    """The 22 main classes, A to Z."""
    return [shelf for shelf in _read("clc.tsv") if len(shelf.code) == 1]


def children(code: str) -> list[Shelf]:
    """The second level of a main class; [] when it is none."""
    return [
        shelf for shelf in _read("clc.tsv") if len(shelf.code) > 1 and len(code) == 1 and shelf.code[0] == code.upper()
    ]


def classify(code: str) -> Shelf:
    """The second-level class of a class mark or call number ('K825.6/123'), else its main class, else NOWHERE."""
    return _longest("clc.tsv", code)


def everyday_shelves() -> list[Shelf]:
    """The 18 shelves that readers browse, in their usual order."""
    return list(_read("shelves.tsv"))


def everyday_shelf(code: str) -> Shelf:
    """Which of the 18 shelves a class mark belongs to; NOWHERE for what they leave out (law, language …)."""
    return _longest("shelves.tsv", code)


@cache
def _read(name: str) -> tuple[Shelf, ...]:
    lines = (_HERE / name).read_text(encoding="utf-8").splitlines()
    cells = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return tuple(Shelf(code, chinese, english, tuple(prefixes.split())) for code, chinese, english, prefixes in cells)


@cache
def _by_prefix(name: str) -> dict[str, Shelf]:
    return {prefix: shelf for shelf in _read(name) for prefix in shelf.prefixes}


def _longest(name: str, code: str) -> Shelf:
    mark = code.strip().upper()
    table = _by_prefix(name)
    for end in range(min(len(mark), 12), 0, -1):
        if mark[:end] in table:
            return table[mark[:end]]
    return NOWHERE

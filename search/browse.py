"""Where a title stands: 中国图书馆分类法 (22 main classes, their second level) and 18 everyday shelves (A2-19)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
_PARTS = re.compile("[/、与，]")


@dataclass(frozen=True, slots=True)
class Shelf:
    """A class or shelf. `name` is Simplified Chinese and the msgid; `prefixes` are what Filters(clc=…) takes."""

    code: str
    name: str
    english: str
    prefixes: tuple[str, ...]


NOWHERE = Shelf("", "未分类", "Unclassified", ())
CHILDREN = Shelf("children", "少儿读物", "Children's books", ())
PICTURES = Shelf("pictures", "绘本", "Picture books", ())
_GATHERED = {  # each country's literature keeps its books for children in a place of its own, so no prefix has them all
    CHILDREN: re.compile(r"I(?:18|28|[3-7]\d*\.8)|Z228\.1"),
    PICTURES: re.compile(r"I(?:287\.8|[3-7]\d*\.85)"),
}
_ALSO = {CHILDREN: ("少儿", "儿童", "童书", "儿童读物", "儿童文学", "children", "kids"), PICTURES: ("图画书",)}


def main_classes() -> list[Shelf]:
    """The 22 main classes, A to Z."""
    return [shelf for shelf in _read("clc.tsv") if len(shelf.code) == 1]


def main_class(code: str) -> Shelf:
    """The main class of a class mark; NOWHERE when it has none."""
    return _by_prefix("clc.tsv").get(code.strip()[:1].upper(), NOWHERE)


def children(code: str) -> list[Shelf]:
    """The second level of a main class; [] when it is none."""
    return [
        shelf for shelf in _read("clc.tsv") if len(shelf.code) > 1 and len(code) == 1 and shelf.code[0] == code.upper()
    ]


def classify(code: str) -> Shelf:
    """The second-level class of a class mark or call number ('K825.6/123'), else its main class, else NOWHERE."""
    return _longest("clc.tsv", code)


def by_code(code: str) -> Shelf:
    """The everyday shelf, main class, second-level class or group with that code; NOWHERE when there is none."""
    known = (shelf for shelf in (*_read("shelves.tsv"), *_read("clc.tsv"), *_GATHERED) if shelf.code == code)
    return next(known, NOWHERE)


def groups() -> list[Shelf]:
    """What is gathered from many classes: books for children, picture books. `gathered` gives them their prefixes."""
    return list(_GATHERED)


def gathered(shelf: Shelf, marks: Iterable[str]) -> Shelf:
    """A group with the prefixes of those of these class marks that belong to it; any other shelf as it is."""
    if shelf not in _GATHERED:
        return shelf
    found = (_GATHERED[shelf].match(mark) for mark in marks)
    return replace(shelf, prefixes=tuple(sorted({one[0] for one in found if one})))


def beyond(shelf: Shelf) -> tuple[str, ...]:
    """Longer prefixes that begin like this shelf's own but lead elsewhere (A4 is not A49); () for a main class."""
    if len(shelf.code) == 1:
        return ()
    table = _by_prefix("shelves.tsv" if shelf in _read("shelves.tsv") else "clc.tsv")
    return tuple(prefix for prefix, owner in table.items() if owner != shelf and prefix.startswith(shelf.prefixes))


def named(words: str) -> Shelf:
    """The shelf, group or class that words or a code mean ('历史', 'tp', '心理'), shelves first; else NOWHERE."""
    wanted = words.strip().casefold()
    if group := next((group for group, names in _ALSO.items() if wanted in (group.name, *names)), None):
        return group
    known = (*_read("shelves.tsv"), *main_classes(), *(child for child in _read("clc.tsv") if len(child.code) > 1))
    for fits in (_is, _begins):
        for shelf in known if wanted else ():
            if fits(shelf, wanted):
                return shelf
    return NOWHERE


def _is(shelf: Shelf, wanted: str) -> bool:
    return wanted in (shelf.code.casefold(), shelf.english.casefold(), shelf.name, *_PARTS.split(shelf.name))


def _begins(shelf: Shelf, wanted: str) -> bool:
    names = (shelf.english.casefold(), shelf.name, *_PARTS.split(shelf.name))
    return len(wanted) > 1 and any(name.startswith(wanted) for name in names)


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

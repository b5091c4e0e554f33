"""Names that no title page bears: 哈利波特3 is 哈利·波特与阿兹卡班的囚徒, 石头记 is 红楼梦.

And names abroad: Norwegian Wood is 挪威的森林, Hemingway is 海明威; accents make no difference.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from unicodedata import combining, normalize

from search import analysis, pinyin

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_TYPED = range(8, 31)  # letters in which one may be wrong; of shorter names too many are one letter apart
_AUTHOR_TYPED = range(7, 31)  # the same for a name that is one author's alone
_ARTICLE = re.compile("^(?:the|an?|le|la|les|der|die|das) ")


def titles(name: str) -> tuple[str, ...]:
    """Keys of the titles that are known so, by name or by volume ('哈利波特#3', see analysis.volume); () for most."""
    return _titles().get(name) or _titles().get(_unaccented(name), ())


def mistyped(name: str) -> tuple[str, ...]:
    """The same for a name abroad with one letter wrong (harry poter); () for pinyin, and for most."""
    if not _may_be_mistyped(name, _TYPED):
        return ()
    return next((meant for one in sorted(pinyin.one_off(name, _LETTERS)) if (meant := _titles().get(one))), ())


def author(name: str) -> str:
    """The key of the author, in characters, who is called so in Latin letters; '' for most."""
    return _authors().get(_unaccented(name), "")


def author_mistyped(name: str) -> str:
    """The same for a name abroad with one letter wrong, but the first (hemmingway, dostoevski); '' for most."""
    if not _may_be_mistyped(name, _AUTHOR_TYPED):
        return ""
    near = (one for one in pinyin.one_off(name, _LETTERS) if one[0] == name[0])  # holding is not Golding
    meant = {here for one in near if (here := _authors().get(one))}
    return meant.pop() if len(meant) == 1 else ""


def _may_be_mistyped(name: str, lengths: range) -> bool:
    return len(name) in lengths and name.isascii() and name.isalpha() and not pinyin.split_pinyin(name)


def _unaccented(name: str) -> str:
    return name if name.isascii() else "".join(char for char in normalize("NFD", name) if not combining(char))


@cache
def _authors() -> dict[str, str]:
    rows = _rows("authors_latin.tsv")
    return {analysis.key(name): analysis.key(here) for here, abroad in rows for name in abroad.split("|")}


@cache
def _titles() -> dict[str, tuple[str, ...]]:
    named = {analysis.key(name): _keys(titles) for name, titles in _rows("also_called.tsv")}
    for title, names in _rows("titles_latin.tsv"):
        for name in names.split("|"):
            for form in {analysis.key(one) for one in (name, _ARTICLE.sub("", name), f"the {name}")}:
                named[form] = (*named.get(form, ()), analysis.key(title))
    for known_as, *volumes in _rows("series.tsv"):
        for series in known_as.split("|"):
            for number, titles in enumerate(volumes, 1):
                named[analysis.volume(analysis.normalise(f"{series} {number}"))] = _keys(titles)
    return named


def _keys(titles: str) -> tuple[str, ...]:
    return tuple(map(analysis.key, titles.split("|")))


def _rows(name: str) -> list[list[str]]:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]

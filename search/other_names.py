"""Names that no title page bears: 哈利波特3 is 哈利·波特与阿兹卡班的囚徒, 石头记 is 红楼梦."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from search import analysis


def titles(name: str) -> tuple[str, ...]:
    """Keys of the titles that are known so, by name or by volume ('哈利波特#3', see analysis.volume); () for most."""
    return _titles().get(name, ())


@cache
def _titles() -> dict[str, tuple[str, ...]]:
    named = {analysis.key(name): _keys(titles) for name, titles in _rows("also_called.tsv")}
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

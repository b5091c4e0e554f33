"""One form for the many spellings of an author's or a publisher's name, to search, group and filter by.

The record keeps its own spelling; two records belong together when their forms are the same.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from search import analysis, authors

_BRACKETS = re.compile(r"[\[(【〔{<〈][^\])】〕}>〉]*(?:[\])】〕}>〉]|$)")  # the last may be cut off
_LABEL = re.compile(r"^\s*(?:原作者?|原著者?|著者|作者(?:/译者)?|译者|编者|绘者|文|图)\s*[:：]\s*")
_NEXT_PERSON = re.compile(r"[,，;；/、&|]|\s+等\s*$")
_INITIALS = re.compile(r"^[a-z]{1,2}(?=[\u4e00-\u9fff]{3})")
_PLACE = re.compile(r"^\s*(?:北京|上海|香港|台北|臺北|南京|广州|天津|重庆|成都|武汉|杭州|长沙|沈阳|西安)\s*[:：\-—]\s*")
_BAR = str.maketrans("丨", "|")  # a character that stands for a stroke between names
_COMPANY = re.compile(r"(?:股份|责任)?有限(?:责任)?(?:公司?)?$|出版发行$")


@lru_cache(maxsize=1 << 14)
def author(raw: str) -> str:
    """The first person named, without nationality, role, original name and dots: '[日] 東野 圭吾 著' is 东野圭吾."""
    text = _LABEL.sub("", unicodedata.normalize("NFKC", raw))
    bare = _BRACKETS.sub(" ", text)
    if not bare.strip():
        return analysis.key(text)
    first = next((part for part in _NEXT_PERSON.split(bare) if part.strip()), bare)
    found = authors.names(_LABEL.sub("", first).strip())
    return _INITIALS.sub("", found[0]) if found else ""


@lru_cache(maxsize=1 << 14)
def publisher(raw: str) -> str:
    """The house, without place and legal form, under its full name: '北京：三联书店' is 生活读书新知三联书店.

    An imprint or a partner named beside the house makes a name of its own.
    """
    whole = analysis.key(_PLACE.sub("", unicodedata.normalize("NFKC", raw.translate(_BAR))))
    bare = _COMPANY.sub("", whole) or whole
    return _houses().get(bare, bare)


@cache
def _houses() -> dict[str, str]:
    lines = (Path(__file__).parent / "publishers.tsv").read_text(encoding="utf-8").splitlines()
    rows = [[analysis.key(cell) for cell in line.split("\t")] for line in lines if line and not line.startswith("#")]
    return {variant: row[0] for row in rows for variant in row}

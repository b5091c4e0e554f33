"""Names of authors: without nationality and role, under one form for the spellings that are the same person."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

from search import analysis, other_names

_COUNTRY = re.compile(r"^\s*[\[(（【〔［]\s*[^\])）】〕］]{1,8}[\])）】〕］]")
_ROLE = re.compile(  # 编著 is 编 and 著: read in two ways, a row of them would take minutes
    r"(?:[\s,，、;；]*(?:等|主编|译注|选编|改编|著|编|译|撰|绘)|[\s,，、;；]+[文图作])+$"  # 沈从文 is no 文
)
_ROLES_IN_NAMES = "文图"
_LONGEST_CUT = 5
_DOTS = re.compile(r"[·•．.・‧?？\s]+")


@cache
def _variants() -> dict[str, str]:
    lines = (Path(__file__).parent / "authors.tsv").read_text(encoding="utf-8").splitlines()
    rows = [[analysis.key(cell) for cell in line.split("\t")] for line in lines if line and not line.startswith("#")]
    return {variant: row[0] for row in rows for variant in row[1:] if variant != row[0]}


@cache
def _variant_pattern() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _variants()), key=len, reverse=True)))


def canonical(text: str) -> str:
    """A normalised key with every known variant of an author's name replaced by the chosen one (司汤达 → 斯当达)."""
    return _variant_pattern().sub(lambda found: _variants()[found[0]], text)


def known_here(key: str) -> str:
    """The same author's name in characters: 海明威 for 'ernesthemingway'; '' for most."""
    return canonical(other_names.author(key))


def cut_short(name: str) -> str:
    """沈从 for 沈从文, 柏拉 for 柏拉图: what is left of a name whose end was taken for "words by"; '' for most."""
    return name[:-1] if 2 < len(name) <= _LONGEST_CUT and name[-1] in _ROLES_IN_NAMES else ""


@lru_cache(maxsize=1 << 15)
def names(raw: str) -> tuple[str, ...]:
    """The keys an author's name is found under: the whole name first, then its last part ('马尔克斯').

    A name in Latin letters has the one in characters beside it, so that one question finds both kinds of editions.
    """
    bare = _COUNTRY.sub("", raw)
    bare = (_ROLE.sub("", bare) or bare).strip()
    whole = canonical(analysis.key(bare))
    if not whole:
        return ()
    last = canonical(analysis.key(_DOTS.split(bare)[-1]))
    mine = (whole, last) if 2 <= len(last) < len(whole) else (whole,)
    here = known_here(whole)
    return (*mine, here) if here else mine

"""How else a few characters may be spelt: read another way (传 chuan, zhuan), or as an ear mistakes them (n, ng)."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice, product

from search import analysis

_MOST = 48  # spellings of one question
_LONGEST = 4  # characters; longer slips still resemble their title, syllable by syllable
_ONSETS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"), ("f", "h"))
_ENDINGS = (("ang", "an"), ("eng", "en"), ("ing", "in"))


def spellings(units: list[str]) -> list[str]:
    """Whole spellings, [] for what is longer or not all Chinese."""
    if not 1 < len(units) <= _LONGEST or not all(map(analysis.has_han, units)):
        return []
    return list(map("".join, islice(product(*map(heard, units)), _MOST)))


@lru_cache(maxsize=1 << 12)
def heard(character: str) -> tuple[str, ...]:
    """How one character may be spelt: its readings first, then what they are mistaken for."""
    import pypinyin  # heavy, only where text is spelt

    readings = pypinyin.pinyin(character, style=pypinyin.Style.NORMAL, heteronym=True, v_to_u=False)[0]
    ways = dict.fromkeys(reading for reading in readings if reading.isascii())
    for reading in list(ways):
        ways |= dict.fromkeys(_mistaken(reading))
    return tuple(ways)


def _mistaken(reading: str) -> list[str]:
    found = []
    for one, other in _ONSETS:
        if reading.startswith(one):
            found.append(other + reading.removeprefix(one))
        elif reading.startswith(other):
            found.append(one + reading.removeprefix(other))
    for one, other in _ENDINGS:
        if reading.endswith(one):
            found.append(reading.removesuffix(one) + other)
        elif reading.endswith(other):
            found.append(reading.removesuffix(other) + one)
    return found

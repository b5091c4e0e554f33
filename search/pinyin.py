"""Questions typed in pinyin: with tones or without, run together or apart, with a letter wrong."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

_PARTS = re.compile(r"[a-z]+|\d+")
_ZERO_FOR_O = re.compile("(?<=[a-z])0(?=[a-z])")  # its neighbour on the keyboard
_VOWEL = re.compile("[aeiouv]")
_SAID = ("shei", "zhei", "lue", "nue")  # 谁, 这, 略 as many type them
_SKIPPED = 3  # a letter that is in no syllable is worse than so many syllables
_LONGEST = 6  # letters of a syllable


def strip_tones(text: str) -> str:
    """Pinyin with tone marks or numbers as plain letters (wéi and wei2 → wei, ǜ → v); other text unharmed."""
    apart = unicodedata.normalize("NFKD", text.lower()).replace("u\u0308", "v")
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return re.sub("[1-5]", "", plain) if _is_numbered(plain) else plain


def _is_numbered(text: str) -> bool:
    """Syllables with their tones as numbers (she4 ji4 de), two at least."""
    said = "".join(text.split())
    if len(re.findall("[1-5]", said)) < 2 or not re.fullmatch("(?:[a-z]+[1-5])+[a-z]*", said):
        return False
    return all(part in _known() for part in re.findall("[a-z]+", text))


def pinyin_key(text: str) -> str:
    """A query typed in pinyin, with or without tones, apostrophes and spaces: letters and digits alone."""
    return "".join(_PARTS.findall(_ZERO_FOR_O.sub("o", strip_tones(text))))


@cache
def _known() -> frozenset[str]:
    """Every syllable that some character's usual reading is; asked character by character it took 0.2 s."""
    from pypinyin.constants import PINYIN_DICT  # heavy, only where text is spelt

    usual = {PINYIN_DICT[point].partition(",")[0] for point in range(0x4E00, 0x9FFF) if point in PINYIN_DICT}
    plain = (strip_tones(reading) for reading in usual)
    return frozenset(_SAID) | {said for said in plain if said.isascii() and said.isalpha() and _VOWEL.search(said)}


@lru_cache(maxsize=4096)
def split_pinyin(letters: str) -> tuple[str, ...]:
    """Cut 'weicheng' into syllables, the longest first; () if it is not pinyin from end to end."""
    runs = readable(letters)
    return tuple(runs[0]) if len(runs) == 1 and sum(map(len, runs[0])) == len(letters) else ()


@lru_cache(maxsize=4096)
def readable(letters: str) -> tuple[tuple[str, ...], ...]:
    """The runs of syllables in it: huanginshidai (a letter is missing) is huang and shi dai."""
    best: list[tuple[int, int]] = [(0, 0)] * (len(letters) + 1)  # from each place on: cost, letters taken (0: skipped)
    for start in range(len(letters) - 1, -1, -1):
        ways = [(best[start + 1][0] + _SKIPPED, 0)]
        for end in range(start + 1, min(len(letters), start + _LONGEST) + 1):
            if letters[start:end] in _known():
                ways.append((best[end][0] + 1, start - end))
        cost, taken = min(ways)
        best[start] = (cost, -taken)
    return tuple(_runs(letters, [taken for _, taken in best]))


def _runs(letters: str, taken: list[int]) -> list[tuple[str, ...]]:
    runs: list[tuple[str, ...]] = []
    run: list[str] = []
    at = 0
    while at < len(letters):
        if taken[at]:
            run.append(letters[at : at + taken[at]])
        elif run:
            runs.append(tuple(run))
            run = []
        at += taken[at] or 1
    return [*runs, tuple(run)] if run else runs


def one_off(letters: str, alphabet: str) -> set[str]:
    """Everything that comes of it by one letter more, less or other, or by two that change places."""
    pairs = [(letters[:at], letters[at:]) for at in range(len(letters) + 1)]
    less = {head + tail[1:] for head, tail in pairs if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in pairs if len(tail) > 1}
    other = {head + letter + tail[1:] for head, tail in pairs if tail for letter in alphabet}
    more = {head + letter + tail for head, tail in pairs for letter in alphabet}
    return less | swapped | other | more

"""One form of a reader's text for matching: simplified, lower case, half width, one sort of book marks. Every
character keeps its place, so that what is found can be cut out of the reader's own wording."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import opencc

REMEMBERED = 2_000  # texts and labels: many write the same, and all are shown the same buttons
LONGEST = 1000  # characters of a message that are looked at; a title with its author is far shorter

_SIMPLIFY = opencc.OpenCC("t2s")
_UNSEEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\u00ad\u20e3]")
_BLANKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_ALONE = re.compile(r"[\ud800-\udfff]")
_BY_HAN = re.compile(r"(?<=[\u3400-\u9fff]) | (?=[\u3400-\u9fff])")
_QUOTED = re.compile('"([^"《》]+)"')
_MARKS = str.maketrans("〈「『“《〉」』”》。！？；：’‘`", "《《《《《》》》》》.!?;:'''")


def clean(text: str) -> str:
    """`text` without what nobody sees (controls, direction marks, lone surrogates), blanks made one, cut to LONGEST."""
    seen = _ALONE.sub("", _UNSEEN.sub("", text[: 4 * LONGEST]))
    return _BLANKS.sub(" ", seen)[: LONGEST + 1].strip()[:LONGEST].rstrip()


@lru_cache(REMEMBERED)
def fold(text: str) -> str:
    """`text` for matching, of the same length. Remembered: one message is looked at in half a dozen ways."""
    narrow = "".join(_narrow(char) for char in text.translate(_MARKS)) if not text.isascii() else text
    plain = _SIMPLIFY.convert(narrow)
    if len(plain) != len(text):
        plain = "".join(_same_length(char, _SIMPLIFY.convert(char)) for char in narrow)
    lowered = "".join(_same_length(char, char.lower()) for char in plain)
    return _QUOTED.sub(r"《\1》", lowered)


def trimmed(text: str) -> str:
    """`text` folded, without blanks and marks at its ends."""
    return fold(text).strip(" .!?~,")


def unspaced(text: str) -> str:
    """`text` without the blanks beside Han characters."""
    return _BY_HAN.sub("", text)


@lru_cache(REMEMBERED)
def letters(text: str) -> str:
    """`text` folded, without blanks and punctuation: two that read alike are equal."""
    return "".join(char for char in fold(text) if char.isalnum())


def _narrow(char: str) -> str:
    return _same_length(char, unicodedata.normalize("NFKC", char)) if ord(char) > 0x7F else char


def _same_length(char: str, other: str) -> str:
    return other if len(other) == 1 else char

"""What is typed in pinyin and is no book: a command of phrases.toml ("zenme huanshu"), or a book behind one ("wo xiang
jie santi"). An n for an ng, or a z for a zh, makes no difference."""

from __future__ import annotations

from functools import cache

from bot.phrasebook import phrasebook
from bot.understanding import OFTEN_SAID
from search.mishearing import heard
from search.pinyin import pinyin_key, split_pinyin

LONGEST = 10  # syllables of a command
BEFORE = ("", "我", "我想", "我要", "请问", "帮我", "你好")
BEHIND = ("", "吗", "呢", "吧", "了", "啊")
ASKED_FOR = ("借", "想借", "要借", "想看", "找", "有没有", "你们有")  # a book's name stands behind these


def command(text: str) -> str:
    """The command of phrases.toml that is spelt so; '' for none."""
    said = _syllables(text)
    for before in BEFORE:
        for behind in BEHIND:
            rest = said[len(before) : len(said) - len(behind)]
            fits = _spell(said[: len(before)], before) and _spell(said[len(said) - len(behind) :], behind)
            if found := next((one for one in _of_length(len(rest)) if fits and _spell(rest, one)), ""):
                return found
    return ""


def book(text: str) -> str:
    """What stands behind "wo xiang jie"; '' where nothing is asked for so."""
    said = _syllables(text)
    for before in BEFORE:
        for wish in sorted(ASKED_FOR, key=len, reverse=True):
            words = before + wish
            if len(said) > len(words) and _spell(said[: len(words)], words):
                return " ".join(said[len(words) :])
    return ""


def _syllables(text: str) -> tuple[str, ...]:
    """All of it, syllable by syllable; () where it is no pinyin, or a single word of it."""
    if not text.isascii() or len(text) > 6 * LONGEST:
        return ()
    parts = [split_pinyin(pinyin_key(word)) for word in text.lower().split()]
    said = tuple(syllable for part in parts for syllable in part)
    return said if all(parts) and 1 < len(said) <= LONGEST else ()


def _spell(said: tuple[str, ...], words: str) -> bool:
    return len(said) == len(words) and all(one in heard(char) for one, char in zip(said, words, strict=True))


@cache
def _of_length(length: int) -> tuple[str, ...]:
    """The wordings of so many characters, all Chinese."""
    every = (*OFTEN_SAID, *phrasebook().phrases)
    return tuple(one for one in every if len(one) == length and all("\u3400" <= char <= "\u9fff" for char in one))

"""Text as the index and the reader's query both see it: folded, cut into units and words, and spelt in pinyin."""

from __future__ import annotations

import logging
import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

import opencc

from search.pinyin import split_pinyin

_ROMAN = {chr(0x2160 + n): f" {n + 1} " for n in range(12)} | {chr(0x2170 + n): f" {n + 1} " for n in range(12)}
_ROMAN_LETTERS = {"i": "1", "v": "5", "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
# Forms that OpenCC leaves alone character by character, though readers and catalogues mix them.
_SAME = {
    "於": "于",
    "锺": "钟",
    "麽": "么",
    "妳": "你",
    "祇": "只",
    "甦": "苏",
    "衹": "只",
    "喫": "吃",
    "菸": "烟",
    "乾": "乾",
}
_NOISE = re.compile(r"[^\w+#]|_|(?<![a-z])[+#]")
_WHILE = re.compile("(?<![名原专论编巨译合遗土显卓])著(?![名作述者录称])")  # 活著 is 活着, 名著 stays
_ROMAN_VOLUME = re.compile(r"(?<=[\u4e00-\u9fff])( ?)(ii|iii|iv|vi{1,3}|ix|[iv]$)(?![a-z])")
_YEAR = re.compile("(?<![〇零一二三四五六七八九十])[一二][〇零一二三四五六七八九]{3}(?![〇零一二三四五六七八九十])")
_DIGITS = str.maketrans("〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖拾", "00123456789123456789十")
_HAN_NUMBER = re.compile("[〇零一二三四五六七八九十百壹贰叁肆伍陆柒捌玖拾]+")
_TENS = re.compile("[十百]")
_VOLUME = re.compile(
    r"(.{2,}?)(?<![全共\d]) ?(?:第|卷|之|vol|volume|book|no)? ?(\d{1,3}|[上中下]) ?[卷部册集辑季篇本]?"
)
_HAN = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNIT = re.compile(rf"\d+|[{_HAN}\u3040-\u30ff\uac00-\ud7af]|[^\W\d{_HAN}\u3040-\u30ff\uac00-\ud7af]+[+#]*")
_HAS_HAN = re.compile(f"[{_HAN}]")
_LATIN = re.compile(r"[a-z0-9 +#]*[a-z][a-z0-9 +#]*")
_PARTICLES = str.maketrans("", "", "的里之与和及跟了")
_SMALL_WORDS = frozenset(("a", "an", "and", "for", "in", "of", "on", "or", "the", "to", "with"))


def warm() -> None:
    """Load jieba's dictionary, the pinyin and the folding tables now (about a second), not at the first question."""
    normalise("暖手")
    words("暖手")
    syllables("暖手")
    split_pinyin("nuanshou")


@cache
def _fold() -> dict[int, str]:
    """One character to one: traditional and Japanese forms to simplified, so that any part folds as the whole does."""
    han = [chr(point) for first, last in ((0x3400, 0x9FFF), (0x20000, 0x2A6DF)) for point in range(first, last + 1)]
    simplify = opencc.OpenCC("t2s").convert
    simple = simplify("\n".join(han)).split("\n")
    japanese = simplify(opencc.OpenCC("jp2t").convert("\n".join(han))).split("\n")
    table: dict[int, str] = {}
    for character, plain, from_japanese in zip(han, simple, japanese, strict=True):
        if plain == character and not _in_gb2312(character):
            plain = from_japanese
        plain = _SAME.get(character, _SAME.get(plain, plain))
        if plain != character and len(plain) == 1:
            table[ord(character)] = plain
    for point in table:
        while ord(table[point]) in table:
            table[point] = table[ord(table[point])]
    return table


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


_ROMAN_TABLE = str.maketrans(_ROMAN | {"○": "〇"})


def normalise(text: str) -> str:
    """Fold width, case, script and punctuation; words stay apart by one space. Never raises; idempotent."""
    if not text:
        return ""
    text = unicodedata.normalize("NFKC", text.translate(_ROMAN_TABLE)).lower()
    text = unicodedata.normalize("NFKC", text).translate(_fold())
    text = " ".join(_WHILE.sub("着", _NOISE.sub(" ", text)).split())
    text = _YEAR.sub(lambda found: found[0].translate(_DIGITS), text)  # 一九八四 is 1984
    return _ROMAN_VOLUME.sub(lambda found: found[1] + _ROMAN_LETTERS[found[2]], text)


def numerals(text: str) -> str:
    """万历十五年 as 万历15年, 第二卷 as 第2卷, 柒 as 7: every run of Chinese numerals in digits."""
    return _HAN_NUMBER.sub(_in_digits, text)


def _in_digits(found: re.Match[str]) -> str:
    figures = found[0].translate(_DIGITS)
    if not _TENS.search(figures):
        return figures
    value = 0
    for many, unit in re.findall(r"(\d*)([十百]?)", figures):
        value += int(many or bool(unit)) * {"百": 100, "十": 10, "": 1}[unit]
    return str(value)


def volume(normal: str) -> str:
    """'龙王传说#25' for 龙王传说25, 龙王传说 第二十五册, 龙王传说 卷25; '' for what is no volume."""
    found = _VOLUME.fullmatch(numerals(normal))
    return f"{found[1].replace(' ', '')}#{found[2].lstrip('0')}" if found else ""


def key(text: str) -> str:
    """What two spellings of one title share: the normalised text without its spaces."""
    return normalise(text).replace(" ", "")


def units(normal: str) -> list[str]:
    """Han characters and kana one by one; a run of digits or of letters is one unit."""
    return _UNIT.findall(normal)


def is_latin(normal: str) -> bool:
    """Only letters and digits, at least one letter: could be pinyin."""
    return _LATIN.fullmatch(normal) is not None


def has_han(text: str) -> bool:
    """At least one Chinese character."""
    return _HAS_HAN.search(text) is not None


@cache
def _cutter() -> Any:
    import jieba  # with its dictionary, only where text is cut

    jieba.setLogLevel(logging.WARNING)
    cutter = jieba.Tokenizer()
    cutter.initialize()
    return cutter


def words(normal: str) -> list[str]:
    """jieba's words, of normalised text; single digits and letters are kept."""
    return [word for word in _cutter().cut(normal, HMM=False) if word != " "]


@lru_cache(maxsize=1 << 17)
def _spell(word: str) -> tuple[str, ...]:
    if not has_han(word):
        return tuple(units(word))
    import pypinyin  # a quarter of a second, only where text is spelt

    return tuple(part for spelt in pypinyin.lazy_pinyin(word) for part in units(spelt.replace("ü", "v").lower()))


def syllables(normal: str, cut: list[str] | None = None) -> list[str]:
    """Pinyin without tones, one a character; letters and digits stand for themselves."""
    return [syllable for word in (words(normal) if cut is None else cut) for syllable in _spell(word)]


def initials(spelt: list[str]) -> str:
    """First letters of syllables; numbers whole."""
    return "".join(syllable if syllable.isdigit() else syllable[0] for syllable in spelt)


@lru_cache(maxsize=1 << 15)
def bare(key: str) -> str:
    """A title without the particles inside it that memory drops or swaps: 红与黑, 红和黑 and 红黑 are one."""
    return key[:1] + key[1:-1].translate(_PARTICLES) + key[1:][-1:]


def spoken(spelt: list[str]) -> list[str]:
    """Syllables with their numbers read aloud: 33天 is san shi san tian, 1984 is yi jiu ba si."""
    return [part for syllable in spelt for part in (_read_aloud(syllable) if syllable.isdigit() else (syllable,))]


@lru_cache(maxsize=1 << 12)
def _read_aloud(digits: str) -> tuple[str, ...]:
    one_by_one = [_spell("零一二三四五六七八九"[int(digit)])[0] for digit in digits]
    if len(digits) != 2 or digits[0] == "0":
        return tuple(one_by_one)
    tens, units = one_by_one
    return (*((tens,) if digits[0] != "1" else ()), "shi", *((units,) if digits[1] != "0" else ()))


def shortened(spelt: list[str]) -> set[str]:
    """What a title is shortened to: its initials; of English also without small words and 's (SICP, CSAPP)."""
    owned = [syllable for syllable in spelt if syllable != "s"]
    telling = [syllable for syllable in owned if syllable not in _SMALL_WORDS]
    return {initials(spelt), initials(owned), initials(telling)}

"""More questions as readers put them: mistyped, misspelt, in other scripts and numerals, with names and houses beside.

Each kind turns one book into a text, or '' when the book has nothing of the sort, like those of search_questions.py.
"""

from __future__ import annotations

import re

import opencc
import pypinyin

from bench.search_questions import Draw, Kind, Kinds, author, head, main_title
from search import analysis, authors
from search.document import Document
from search.isbn import isbn13

_COMMON = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多"
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_TONE, _NUMBERED_TONE = pypinyin.Style.TONE, pypinyin.Style.TONE3
_TO = {name: opencc.OpenCC(name).convert for name in ("s2t", "s2twp", "s2hk", "t2jp")}
_FOREIGN = re.compile(r"\s*[\[(（【〔]")
_NUMBER = re.compile(r"([^\d]*?)([一二三四五六七八九十]{1,2}|\d{1,2})([^\d一二三四五六七八九十百千万]*)")
_VOLUME = re.compile(r"([^\d第全（(：:]{2,}?)[ ·]?[（(]?(\d{1,2})[)）]?")
_HAN_DIGITS = "零一二三四五六七八九"
_ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


def _title(document: Document, size: int) -> str:
    """The title as it is typed, when it is so long that one character more or less still says which it is."""
    return head(document) if len(head(document)) >= size else ""


def _changed(size: int, change: Kind) -> Kind:
    """`change` is given the title in the place of the book's."""

    def ask(document: Document, draw: Draw) -> str:
        text = _title(document, size)
        return change(Document(document.id, text), draw) if text else ""

    return ask


def _wrong(document: Document, draw: Draw) -> str:
    text, place = document.title, draw.chance.randrange(len(document.title))
    return text[:place] + draw.chance.choice(_COMMON.replace(text[place], "")) + text[place + 1 :]


def _extra(document: Document, draw: Draw) -> str:
    text, place = document.title, draw.chance.randrange(1, len(document.title))
    return text[:place] + draw.chance.choice(_COMMON + text[place]) + text[place:]


def _swapped(document: Document, draw: Draw) -> str:
    text, place = document.title, draw.chance.randrange(len(document.title) - 1)
    return text[:place] + text[place + 1] + text[place] + text[place + 2 :]


def _missing(document: Document, draw: Draw) -> str:
    text, place = document.title, draw.chance.randrange(len(document.title))
    return text[:place] + text[place + 1 :]


def _two_slips(document: Document, draw: Draw) -> str:
    text = list(document.title)
    for place in draw.chance.sample(range(len(text)), 2):
        others = _alike(text[place], draw)
        text[place] = draw.chance.choice(others) if others else ""
    return "".join(text) if all(text) else ""


def _alike(character: str, draw: Draw) -> str:
    return draw.homophones.get(analysis.syllables(character)[0], "").replace(character, "")


def _other_script(document: Document, draw: Draw) -> str:
    """As written in Taiwan, Hong Kong or Japan."""
    name = draw.chance.choice(["s2twp", "s2hk", "t2jp"])
    return _TO[name](_TO["s2t"](document.title) if name == "t2jp" else document.title)


def _pinyin_otherwise(document: Document, draw: Draw) -> str:
    spelt = pypinyin.lazy_pinyin(document.title)
    toned = pypinyin.lazy_pinyin(document.title, style=_TONE)
    numbered = pypinyin.lazy_pinyin(document.title, style=_NUMBERED_TONE)
    together = "".join(spelt).upper(), "".join(toned)
    return draw.chance.choice((*map(" ".join, (spelt, toned, numbered)), "'".join(spelt), *together))


def _mistyped(text: str, draw: Draw) -> str:
    """A letter less, more, other, or two that changed places."""
    place = draw.chance.randrange(1, len(text))
    letter = draw.chance.choice(_LETTERS)
    before, after = text[:place], text[place + 1 :]
    swapped = text[: place - 1] + text[place] + text[place - 1] + after
    return draw.chance.choice([before + after, before + letter + text[place:], before + letter + after, swapped])


def _pinyin_mistyped(document: Document, draw: Draw) -> str:
    return _mistyped("".join(pypinyin.lazy_pinyin(document.title)), draw)


def _half_pinyin(document: Document, draw: Draw) -> str:
    place = draw.chance.randrange(1, len(document.title))
    return document.title[:place] + "".join(pypinyin.lazy_pinyin(document.title[place:]))


def _initials_otherwise(document: Document, draw: Draw) -> str:
    letters = analysis.initials(analysis.syllables(analysis.normalise(document.title)))
    return draw.chance.choice([letters.upper(), " ".join(letters), letters.capitalize()])


def _english_mistyped(document: Document, draw: Draw) -> str:
    text = main_title(document)
    return _mistyped(text, draw) if text.isascii() and len(text) >= 8 and not text.isdigit() else ""


def _title_and_author(document: Document, draw: Draw) -> str:
    shapes = "{t} {a}", "{t}{a}", "{a}{t}", "{a}《{t}》", "{a}的{t}", "{t} {a}著", "{a}/{t}", "{t}，{a}"
    name = author(document)
    return draw.chance.choice(shapes).format(t=head(document), a=name) if name and head(document) else ""


def _spelt_author(document: Document, _: Draw) -> str:
    name = author(document)
    known = 2 <= len(name) <= 4 and head(document)
    return f"{''.join(pypinyin.lazy_pinyin(name))} {head(document)}" if known else ""


def _misheard_author(document: Document, draw: Draw) -> str:
    name = author(document)
    if len(name) not in (3, 4) or not head(document):
        return ""
    place = draw.chance.randrange(len(name))
    others = _alike(name[place], draw)
    return f"{name[:place]}{draw.chance.choice(others)}{name[place + 1 :]} {head(document)}" if others else ""


def _last_name(document: Document, draw: Draw) -> str:
    """马尔克斯 百年孤独: what is called a foreign author, whole or shortened."""
    known = authors.names(document.authors[0]) if _FOREIGN.match(document.authors[0]) else ()
    if not known or not analysis.has_han(known[-1]) or len(known[-1]) < 3 or not head(document):
        return ""
    name = known[-1][: draw.chance.choice([2, 3, 9])]
    return draw.chance.choice(["{a} {t}", "{t} {a}"]).format(a=name, t=head(document))


def _translator(document: Document, draw: Draw) -> str:
    names = authors.names(document.translators[0]) if document.translators else ()
    known = names and analysis.has_han(names[0]) and head(document)
    return f"{head(document)} {names[0]}{draw.chance.choice(['译', '', '翻译'])}" if known else ""


def _with_year(document: Document, draw: Draw) -> str:
    if not document.year or not document.publisher or not head(document):
        return ""
    rest = draw.chance.choice([f"{document.year}", f"{document.year}年", f"{document.publisher} {document.year}"])
    return f"{head(document)} {rest}"


def _isbn_otherwise(document: Document, draw: Draw) -> str:
    number = isbn13(document.isbn)
    if not number.startswith("978"):
        return ""
    apart = f"{number[:3]}-{number[3]}-{number[4:7]}-{number[7:12]}-{number[12]}"
    ten = _ten(number)
    ways = (apart, f"ISBN {apart}", f"ISBN-13: {number}", apart.replace("-", " "), ten, f"{ten[0]}-{ten[1:9]}-{ten[9]}")
    return draw.chance.choice(ways)


def _ten(number: str) -> str:
    rest = -sum(int(digit) * (10 - place) for place, digit in enumerate(number[3:12])) % 11
    return number[3:12] + ("X" if rest == 10 else str(rest))


def _isbn_damaged(document: Document, draw: Draw) -> str:
    number = isbn13(document.isbn)
    if not number.startswith("978"):
        return ""
    place = draw.chance.randrange(4, 13)
    other = draw.chance.choice("0123456789".replace(number[place], ""))
    return draw.chance.choice([number[:place] + other + number[place + 1 :], number[:place] + number[place + 1 :]])


def _other_numerals(document: Document, _: Draw) -> str:
    """万历15年 for 万历十五年, and the other way."""
    found = _NUMBER.fullmatch(main_title(document))
    if not found or not found[1] + found[3]:
        return ""
    number = _han(int(found[2])) if found[2].isdigit() else analysis.numerals(found[2])
    return found[1] + number + found[3] if number else ""


def _han(number: int) -> str:
    tens, ones = divmod(number, 10)
    return (_HAN_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_HAN_DIGITS[ones] if ones else "")


def _volume_otherwise(document: Document, draw: Draw) -> str:
    """盗墓笔记第三部, 盗墓笔记 III, 盗墓笔记（三） for 盗墓笔记3."""
    found = _VOLUME.fullmatch(document.title)
    if not found or not analysis.has_han(found[1]) or not 1 <= int(found[2]) <= 10:
        return ""
    number = int(found[2])
    shape = draw.chance.choice(["{r}", " {r}", "第{h}部", "（{h}）", " 卷{h}", "第{n}卷", " 第{n}本", " vol.{n}"])
    return found[1].strip() + shape.format(r=_ROMAN[number], h=_han(number), n=number)


def _apart(document: Document, draw: Draw) -> str:
    """A space, a comma or something invisible where there is none."""
    text, place = document.title, draw.chance.randrange(1, max(2, len(document.title)))
    shape = draw.chance.choice(["{} {}", "{}　{}", "{}\t{}", "{}，{}", "{}·{}", "\ufeff{}{}", "{}{}\u200b", "「{}{}」"])
    return shape.format(text[:place], text[place:]) if analysis.has_han(text) and len(text) > 2 else ""


SLIPS: Kinds = {
    "a wrong character": _changed(4, _wrong),
    "a character too many": _changed(4, _extra),
    "two characters swapped": _changed(4, _swapped),
    "any character missing": _changed(5, _missing),
    "two slips of sound": _changed(6, _two_slips),
    "another script": _changed(2, _other_script),
    "pinyin otherwise": _changed(3, _pinyin_otherwise),
    "pinyin mistyped": _changed(4, _pinyin_mistyped),
    "half in pinyin": _changed(4, _half_pinyin),
    "initials otherwise": _changed(5, _initials_otherwise),
    "English mistyped": _english_mistyped,
    "title and author": _title_and_author,
    "author in pinyin + title": _spelt_author,
    "misheard author + title": _misheard_author,
    "last name + title": _last_name,
    "title + translator": _translator,
    "title + year": _with_year,
    "isbn otherwise": _isbn_otherwise,
    "isbn damaged": _isbn_damaged,
    "other numerals": _other_numerals,
    "volume otherwise": _volume_otherwise,
    "apart, invisible": _apart,
}

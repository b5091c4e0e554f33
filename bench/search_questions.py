"""Questions as readers put them, drawn with a seed from the better-known books: twenty kinds, each a function.

A kind turns one book into what somebody who means it would type, or '' when the book has nothing of the sort. Half A is
drawn from books with even numbers and is for tuning, half B from the odd ones and is for reporting: they share no book.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import opencc

from bot.understanding import understand
from search import analysis, authors
from search.document import Document

KNOWN = 30_000  # books are drawn from so many, the best-known
SEEDS = {"A": 20261120, "B": 7_091_113}


@dataclass(frozen=True, slots=True)
class Question:
    """What is typed, the book that is meant, and the kind."""

    kind: str
    text: str
    meant: Document


@dataclass(frozen=True, slots=True)
class Draw:
    """What a kind may use besides the book: chance, and the characters that sound alike."""

    chance: random.Random
    homophones: dict[str, str]


Kind = Callable[[Document, Draw], str]
Kinds = dict[str, Kind]


def draw(documents: list[Document], half: str, each: int, kinds: Kinds | None = None) -> list[Question]:
    """`each` questions of every kind, KINDS or others (fewer where fewer books allow it), the same every time."""
    known = sorted(documents, key=lambda document: -document.popularity)[:KNOWN]
    fit = [document for document in known if document.authors and document.id % 2 == (half == "B")]
    draw = Draw(random.Random(SEEDS[half]), _homophones(known))
    taken = {analysis.key(head(document) or document.title) for document in documents}
    questions: list[Question] = []
    for kind, ask in (kinds or KINDS).items():
        questions += islice(_ask(kind, ask, fit, draw, taken), each)
    return questions


def _ask(kind: str, ask: Kind, fit: list[Document], draw: Draw, taken: set[str]) -> Iterator[Question]:
    """A bent question that happens to be another book's title is not asked; nor is the same one twice."""
    asked: set[str] = set()
    for document in draw.chance.sample(fit, len(fit)):
        text = ask(document, draw)
        if not text or text in asked or (kind in BENT and analysis.key(text) in taken):
            continue
        asked.add(text)
        yield Question(kind, text, document)


def main_title(document: Document) -> str:
    """The title up to a colon or bracket."""
    return re.split(r"[：:（(]", document.title)[0].strip()


def head(document: Document) -> str:
    """The title without what stands in brackets or behind a colon: what people type; only of Chinese characters."""
    first = main_title(document)
    return first if len(first) >= 2 and all(analysis.has_han(character) for character in first) else ""


def author(document: Document) -> str:
    """The first author's name in Chinese characters, else ''."""
    name = authors.names(document.authors[0]) if document.authors else ()
    return name[0] if name and analysis.has_han(name[0]) else ""


def _homophones(documents: Iterable[Document]) -> dict[str, str]:
    by_sound: dict[str, str] = {}
    characters = sorted({character for document in documents for character in document.title})
    for character in filter(analysis.has_han, characters):
        sound = analysis.syllables(character)[0]
        by_sound[sound] = by_sound.get(sound, "") + character
    return by_sound


def _part(document: Document, draw: Draw) -> str:
    text = head(document)
    size = max(3, len(text) * 2 // 3)
    start = draw.chance.randint(0, max(0, len(text) - size))
    return text[start : start + size] if len(text) >= 5 else ""


def _slip(document: Document, draw: Draw) -> str:
    text = head(document)
    alike = [(place, draw.homophones[analysis.syllables(character)[0]]) for place, character in enumerate(text)]
    slips = [(place, others.replace(text[place], "")) for place, others in alike if len(others) > 1]
    if len(text) < 3 or not slips:
        return ""
    place, others = draw.chance.choice(slips)
    return text[:place] + draw.chance.choice(others) + text[place + 1 :]


def _dropped(document: Document, draw: Draw) -> str:
    text = head(document)
    place = draw.chance.randrange(1, len(text)) if len(text) >= 4 else 0
    return text[:place] + text[place + 1 :] if place else ""


def _reordered(document: Document, _: Draw) -> str:
    cut = analysis.words(analysis.normalise(head(document)))
    turned = cut[1:] + cut[:1]
    return " ".join(turned) if len(cut) >= 2 and turned != cut else ""


def _author_and_title(document: Document, _: Draw) -> str:
    return f"{author(document)} {head(document)}" if author(document) and head(document) else ""


def _initials(document: Document, _: Draw) -> str:
    text = head(document)
    return analysis.initials(analysis.syllables(analysis.normalise(text))) if len(text) >= 4 else ""


def _pinyin(document: Document, _: Draw) -> str:
    return "".join(analysis.syllables(analysis.normalise(head(document))))


def _with_subtitle(document: Document, draw: Draw) -> str:
    """A title of two pieces, or with a volume, as it is typed: pieces apart by a space, or run together."""
    pieces = [piece.strip() for piece in re.split(r"[：:（(）)]|——", document.title) if piece.strip()]
    typed = draw.chance.choice([" ", ""]).join(pieces)
    return typed if len(pieces) >= 2 and not re.search(r"\d\d", typed) else ""


_NUMBERED = re.compile(
    r"(\D{2,}?)(?<![全共之〇一二三四五六七八九十])[ ·]?[（(]?[第卷]?(\d{1,2}|[一二三四五六七八九十])[卷部册集]?[)）]?"
)
_HAN_NUMBERS = "〇一二三四五六七八九十"


def _numbered(document: Document, draw: Draw) -> str:
    """龙王传说25, 龙王传说 25, 龙王传说(25), 龙王传说第25册"""
    found = _NUMBERED.fullmatch(document.title)
    if not found or not analysis.has_han(found[1]) or set("第全（(：:") & set(found[1]):
        return ""
    number = str(_HAN_NUMBERS.index(found[2])) if found[2] in _HAN_NUMBERS else found[2]
    shape = draw.chance.choice(["{}{}", "{} {}", "{}({})", "{}（{}）", "{}第{}册"])
    return shape.format(found[1].strip(), number)


def _one_character(document: Document, draw: Draw) -> str:
    """飘; when the book is the best-known of that title, as it stands, else with its author."""
    if len(document.title) != 1 or not analysis.has_han(document.title):
        return ""
    return draw.chance.choice([document.title, f"{author(document)} {document.title}", f"《{document.title}》"]).strip()


# Characters that translators take for the same foreign sound.
_SOUNDS = "斯司丝思 尔耳儿 莉丽利里莱 夫弗甫 丁汀 德特 克科 马玛 娜那 萨沙 塔达 托多 奥欧 茨兹 格葛"
_SAME_SOUND = {character: group for group in _SOUNDS.split() for character in group}


def _transliterated(document: Document, draw: Draw) -> str:
    """A foreign author in another transliteration, one character changed, with the title."""
    if not document.authors or not re.match(r"\s*[\[(（【〔]", document.authors[0]) or not head(document):
        return ""
    name = author(document) and authors.names(document.authors[0])[-1]
    places = [place for place, character in enumerate(name) if character in _SAME_SOUND]
    if len(name) < 3 or not places:
        return ""
    place = draw.chance.choice(places)
    other = draw.chance.choice(_SAME_SOUND[name[place]].replace(name[place], ""))
    return f"{name[:place]}{other}{name[place + 1 :]} {head(document)}"


# Short names that readers use, and how catalogues write the person.
_NICKNAMES = {
    short: full
    for full, shorts in {
        "陀思妥耶夫斯基": "陀氏 陀翁 老陀 陀思妥",
        "列夫·托尔斯泰": "托翁",
        "莎士比亚": "莎翁",
        "司汤达": "司汤达 斯汤达 斯当达",
        "加西亚·马尔克斯": "马尔克斯 马奎斯",
        "村上春树": "村上",
        "东野圭吾": "东野",
        "乔治·奥威尔": "奥威尔 欧威尔",
        "米兰·昆德拉": "昆德拉",
        "阿加莎·克里斯蒂": "阿加莎 克里斯蒂",
        "塞林格": "沙林杰",
        "博尔赫斯": "波赫士",
        "加缪": "卡缪",
    }.items()
    for short in shorts.split()
}


def _nickname(document: Document, draw: Draw) -> str:
    """陀翁 罪与罚, 司汤达 红与黑: a name shortened or in an older transliteration, with the title."""
    held = set(authors.names(document.authors[0])) if document.authors else set()
    fitting = [short for short, full in _NICKNAMES.items() if held & set(authors.names(full))]
    return f"{draw.chance.choice(fitting)} {head(document)}" if fitting and head(document) else ""


def _mixed(document: Document, draw: Draw) -> str:
    """Latin beside Chinese, as typed: small letters, with a space between the scripts or none."""
    title = main_title(document)
    if not (re.search("[A-Za-z]", title) and len(re.findall("[\u4e00-\u9fff]", title)) >= 2):
        return ""
    return draw.chance.choice([title.lower(), title.replace(" ", "").lower(), title.upper()])


def _wide(document: Document, draw: Draw) -> str:
    """Full-width letters and punctuation, or a space between all characters."""
    wide = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in document.title)
    return draw.chance.choice([f"　{wide}　", " ".join(document.title), f"“{wide}”", f"【{document.title}】。"])


_HOUSE = re.compile(r"(?:股份|有限|责任|出版集团|出版|传媒|公司|社|集团|书局|图书|发行).*$")


def _publisher(document: Document, draw: Draw) -> str:
    """A publisher as people say it (译林, 人民文学) and the title, in either order."""
    house = document.publisher.split("·")[0].split("|")[-1].strip()
    if not head(document) or not analysis.has_han(house) or len(house) > 12:
        return ""
    short = _HOUSE.sub("", house)
    name = draw.chance.choice([house, short if len(short) >= 2 else house])
    return draw.chance.choice([f"{name} {head(document)}", f"{head(document)} {name}"])


_SENTENCES = (
    "我想借{t}",
    "请问有没有《{t}》这本书",
    "帮我找一下{a}的{t}",
    "有{t}吗",
    "你们馆里有{t}吗？",
    "想看{t}",
    "找一本叫{t}的书",
    "麻烦帮我查一下《{t}》，谢谢",
    "老师推荐了{t}，能借到吗",
    "我想找{a}写的《{t}》",
    "能帮我找找{t}这本书吗",
    "你好，请问{t}还有吗",
    "do you have {t}",
    "孩子要看{t}",
)


def _sentence(document: Document, draw: Draw) -> str:
    """What understanding hands over when the title stands in a natural sentence; the sentence itself if no search."""
    if not head(document) or not author(document):
        return ""
    said = draw.chance.choice(_SENTENCES).format(t=head(document), a=author(document))
    meant = understand(said)
    return str(meant.slots.get("query") or meant.slots.get("title") or said)


_TRADITIONAL = opencc.OpenCC("s2t").convert
KINDS: Kinds = {
    "exact title": lambda document, _: document.title,
    "author + title": _author_and_title,
    "part of a title": _part,
    "traditional": lambda document, _: _TRADITIONAL(head(document)),
    "pinyin": _pinyin,
    "initials": _initials,
    "homophone slip": _slip,
    "dropped character": _dropped,
    "author": lambda document, _: author(document),
    "isbn": lambda document, _: document.isbn,
    "words in another order": _reordered,
    "with subtitle or volume": _with_subtitle,
    "numbered volume": _numbered,
    "one character": _one_character,
    "transliteration": _transliterated,
    "short or older name": _nickname,
    "Latin and Chinese": _mixed,
    "full-width, spaced": _wide,
    "publisher + title": _publisher,
    "in a sentence": _sentence,
}
BENT = {
    "part of a title", "homophone slip", "dropped character", "words in another order", "a wrong character",
    "a character too many", "two characters swapped", "any character missing", "two slips of sound", "English mistyped",
}  # fmt: skip

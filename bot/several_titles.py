"""借三体、围城和活着: whether a line names several books of ours, and which."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.folding import REMEMBERED, fold
from bot.service import Service
from lending import catalogue
from lending.catalogue import Title
from search import analysis, authors

LONGEST, MOST = 200, 10  # characters of a line, books in it
HAN = "\u3400-\u9fff"
APART = re.compile(r"[、,;/+\n]+|(?<=》)(?=《)")  # whoever writes so counts books
BLANK = re.compile(rf"(?<=[{HAN}》]) +(?=[{HAN}《])")
AND = ("还有", "以及", "加上", "和", "跟", "与", "及", " and ")
BEFORE = re.compile(
    r"(?:[ :.!]|我们|我|你好|您好|请问|请|麻烦|帮忙|帮|给|想|要|需要|借阅|借|找|看|来|有没有|有|还|再|也"
    r"|这几本|这些|分别是|书名是|[一二两三四五六七八九十几\d]+[本册套种]书?|的书|书单"
    r"|borrow |find |get |i want |i'd like |please |and )+"
)
BEHIND = re.compile(
    r"(?>[ .!?~]|(?:(?:各|每[本样种])[来要借拿]?|[来拿])?这?[一二两三四五六七八九十几\d]+[本册套]"
    r"|这几本|这些|都|也|要|借|吗|呢|吧|了|谢谢|有没有|有|please)+$"
)
A_PHONE = re.compile(r"\d{7}")  # and so an address beside the books
WANTED = re.compile("[都也各](?:要|借|想要|想借|来一?本|给我)|一起借|一块借")
MAIN = re.compile(r"[:：（(]")


def named(service: Service, text: str) -> dict[str, str]:
    """Ids of the books, parted by dots, and the words that name none of ours; {} where it is no list of books.

    Where blanks or a joining word alone part them every piece must be a title: 三体 刘慈欣 is one book.
    """
    line = text.strip()
    if len(line) > LONGEST or A_PHONE.search(line) or not _parted(line) or title(service, line):
        return {}
    pieces = [piece for part in APART.split(fold(line)) for piece in BLANK.split(part)]
    cleaned = [piece for piece in map(_bare, pieces) if piece and not (len(piece) > 1 and BEHIND.fullmatch(piece))]
    found = [one for piece in cleaned[: 2 * MOST] for one in _resolved(service, piece)]
    if WANTED.search(line) and not any(title_id for _words, title_id in found):
        found = [one for piece in cleaned[: 2 * MOST] for one in _shortened(service, piece)]
    ids = list(dict.fromkeys(str(title_id) for _words, title_id in found if title_id))[:MOST]
    known = catalogue.titles(service.store.db, map(int, ids)).values()
    writers = {name for title in known for raw in title.authors for name in authors.names(raw)}
    unfound = [words for words, title_id in found if not title_id and analysis.key(words) not in writers]
    if len(ids) < 2 or (unfound and not APART.search(fold(line))):
        return {}
    return {"titles": ".".join(ids), "query": line} | ({"unfound": "、".join(unfound)} if unfound else {})


@lru_cache(REMEMBERED)
def _parted(line: str) -> bool:
    folded = fold(line)
    return bool(APART.search(folded) or BLANK.search(folded) or any(word in folded for word in AND))


def _bare(piece: str) -> str:
    """Without what stands around a name; a name in 《》 as it is."""
    if quoted := re.search(r"《([^《》]+)》", piece):
        return quoted[1]
    before = BEFORE.match(piece)
    rest = piece[before.end() if before else 0 :]
    return BEHIND.sub("", rest).strip() or rest.strip()


def _resolved(service: Service, words: str) -> list[tuple[str, int]]:
    """The titles in it; (words, 0) where it names none. A title may itself hold a joining word (红与黑)."""
    if title_id := title(service, words):
        return [(words, title_id)]
    for word in AND:
        at = words.find(word)
        while at > 0:
            left, right = words[:at].strip(), _bare(words[at + len(word) :])
            if right and (first := title(service, left)):
                rest = _resolved(service, right)
                if all(title_id for _words, title_id in rest):
                    return [(left, first), *rest]
            at = words.find(word, at + 1)
    return [(words, 0)]


def _shortened(service: Service, words: str) -> list[tuple[str, int]]:
    """白夜行和嫌疑人: two, of which one is a title of ours and the other begins one."""
    for word in AND:
        left, joined, right = (part.strip() for part in words.partition(word))
        pair = (left, right) if joined and min(len(left), len(right)) > 1 else ()
        both = [(one, title(service, one)) for one in pair]
        if any(title_id for _words, title_id in both):
            return [(one, title_id or title(service, one, begun=True)) for one, title_id in both]
    return [(words, 0)]


def title(service: Service, words: str, begun: bool = False) -> int:
    """The book whose whole title, or title before a colon, these words are, or only begin; 0 for none."""
    found = service.finder.find(words)
    if found.near or not found.ids:
        return 0
    title, key = catalogue.title(service.store.db, found.ids[0]), analysis.key(words)
    return title.id if called(title, words) or (begun and analysis.key(title.title).startswith(key)) else 0


def called(title: Title, words: str) -> bool:
    """Whether that is its whole title, or its title before a colon."""
    return analysis.key(words) in (analysis.key(title.title), analysis.key(main(title)))


def main(title: Title) -> str:
    """The title before a colon."""
    return MAIN.split(title.title)[0]

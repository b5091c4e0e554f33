"""余华和莫言的书: whether a line names several writers of ours and none of our books, and who they are."""

from __future__ import annotations

import re

from bot.folding import fold
from bot.service import Service

LONGEST, MOST = 60, 4  # characters of a line, writers in it
APART = re.compile(r" and |[、,，/&]|和|跟|与|及|还有|以及")
ALSO_BY_BLANKS = re.compile(APART.pattern + "| ")  # 余华 莫言; tried first, for a name may hold blanks, too
BEFORE = re.compile(
    r"(?>[ ,.!]|我们|我|你们|馆里|你好|您好|请问|请|麻烦|帮|给|也|还|想|要|看|借|找|搜|查|来|推荐|介绍|有没有|有"
    r"|[几一两三]本|一?些"
    r"|(?:do you have |find |show |me |i want |i'd like |please |any(?:thing)? |some |the |novels? |works? )*"
    r"(?:books? )?(?:written )?by )+"
)
BEHIND = re.compile(
    r"(?>[ .!?~,，。！？]|两位|两个人|俩|他们|她们|各|写|的|书|小说|作品|散文|诗集?|代表作|都|也|有|哪些|什么|啥|想|要"
    r"|看看?|借|找|几本|来|吗|呢|吧|没有?|可以|能|推荐)+$"
)


def named(service: Service, text: str) -> tuple[str, ...]:
    """Their names as said, the first first; () where any piece is no writer of ours, or the whole is known."""
    line = fold(text.strip())
    if len(line) > LONGEST or "《" in line or not ALSO_BY_BLANKS.search(line):
        return ()
    whole = service.finder.find(text.strip())
    if whole.ids and not whole.near:
        return ()
    before = BEFORE.match(line)
    bare = BEHIND.sub("", line[before.end() if before else 0 :])
    for apart in (ALSO_BY_BLANKS, APART):
        pieces = [piece.strip() for piece in apart.split(bare) if piece.strip()]
        if 2 <= len(pieces) <= MOST and all(_writes(service, piece) for piece in pieces):
            return tuple(dict.fromkeys(pieces))
    return ()


def _writes(service: Service, name: str) -> bool:
    """Whether somebody whose books we have is called so."""
    found = service.finder.find(name)
    return len(name) > 1 and found.author and not found.near

"""借三体、围城和活着: several books named in one line, shown together, and borrowed with one word (A1-14)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain, zip_longest

from bot import lookups, meaning
from bot.events import Button
from bot.folding import fold
from bot.handlers import borrowing, finding, getting, lists
from bot.numbers import CARDINAL, NUMBER, to_int
from bot.talk import Talk
from bot.texts import rows
from lending import cart, catalogue

MOST = 10
ALL = "全都要"  # what phrases.toml makes of it
FIRST = re.compile(  # "前两本", "前三本都要": the first of the list that stands there
    rf"(?>那就?|就|把|将|先|我|想?要|想?借|来|拿|给我|帮我|请|麻烦)*[前头](?P<n>{NUMBER})[本个种部册]书?"
    r"(?>我|都|全|也|一起|先|就|给我|帮我|[要借拿来加放装]|[上走了吧啊呀下]|[放加]?进?(?:借书|购物)?车里?|可以|[吗么])*"
    rf"|(?>(?:i'll|i will|i|i'd|can i|could i|please|let me|want|like|to|take|borrow|get|have|give me|lend me) )*(?:the )?first"
    rf" (?P<n2>{CARDINAL}|\d)(?> (?:books?|ones?|of them|of these|please|thanks))*"
)
GIVEN = re.compile(r"\d{1,12}(?:\.\d{1,12})*")


def show(talk: Talk) -> None:
    """Those found, in the order they were named; what was not is named too."""
    _ = talk._
    ids = _ids(talk.slot("titles"))
    heading = _.n("您要的 {n} 种：", "您要的 {n} 种：", len(ids))
    if talk.slot("unfound"):
        heading += "\n" + _("没找到：{words}", words=talk.slot("unfound"))
    lists.show_list(talk, ids, heading, ways=(_every(talk, ids),))
    talk.memory["several"] = ids


def show_writers(talk: Talk) -> None:
    """余华和莫言的书: those of each in turn, so that the first page has some of all."""
    _, names = talk._, talk.slot("writers").split("|")
    found = [talk.look_up(lookups.words, name).ids for name in names]
    in_turn = dict.fromkeys(one for one in chain(*zip_longest(*found)) if one is not None)
    known = [name.title() if name.isascii() else name for name in names]
    heading = _.n("{writers}的书，{n} 种，几位作者轮流排：", "{writers}的书，{n} 种，几位作者轮流排：", len(in_turn), writers=_.listed(known))
    lists.show_list(talk, list(in_turn), heading)


def _every(talk: Talk, ids: Iterable[int]) -> Button:
    ids = list(ids)
    return Button(talk._.n("{n} 本都借", "{n} 本都借", len(ids)), "sev:" + ".".join(map(str, ids)))


def _ids(written: str) -> list[int]:
    return list(dict.fromkeys(map(int, written.split("."))))[:MOST] if GIVEN.fullmatch(written) else []


def take(talk: Talk, written: str) -> None:
    """All of them; what cannot come along is named with its reason."""
    known = catalogue.titles(talk.db, _ids(written))
    borrowing.take(talk, list(known)) if known else finding.which(talk)


def borrow(talk: Talk) -> None:
    """ "都要": the books named together; of another short list that stands there it is asked first."""
    if talk.slot("query") != ALL:
        return borrowing.borrow(talk)
    if _together(talk):
        return take(talk, ".".join(map(str, talk.memory["several"])))
    if borrowing.two_stand(talk):
        return borrowing.borrow_both(talk)
    if _offered(talk):
        return None
    return getting.checkout(talk) if cart.items(talk.db, talk.reader.id) else finding.which(talk)


def first_asked(talk: Talk) -> int | None:
    """How many from the top of the list that stands there are wanted."""
    found = FIRST.fullmatch(fold(talk.event.text).strip(" .。!！~,，"))
    if found is None or talk.step or not finding.standing(talk) or meaning.called_so(talk) is not None:
        return None
    return to_int(found["n"] or found["n2"]) if found["n2"] != "one" else None  # "the first one" is that one


def take_first(talk: Talk, n: int) -> None:
    """Those; where fewer stand there it is said from which on there are none."""
    borrowing.borrow_several(talk, [*range(1, min(n, MOST) + 1)])


def checkout(talk: Talk) -> None:
    """ "都借了送到我家" with nothing in the cart yet: the books named together are meant."""
    if not _together(talk) or cart.items(talk.db, talk.reader.id) or not _offered(talk):
        getting.checkout(talk)


def _together(talk: Talk) -> bool:
    """Whether the list on show is of books named in one line."""
    return bool(talk.memory.get("several")) and talk.memory["several"] == talk.memory.get("list")


def _offered(talk: Talk) -> bool:
    """Whether all of the list on show could be meant: then they are named, for a yes."""
    _, ids = talk._, list(talk.memory.get("list") or [])
    if not 1 < len(ids) <= lists.PAGE or not finding.standing(talk):
        return False
    named = _.books([title.title for title in catalogue.titles(talk.db, ids).values()])
    talk.memory["confirm"] = "sev:" + ".".join(map(str, ids))
    every = Button(_("都借上"), talk.memory["confirm"])
    talk.say(_("要借{books}吗？", books=named), rows(every, *finding.standing(talk), across=1))
    return True

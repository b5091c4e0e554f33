"""还书，顺便借围城: whether a line holds several wishes, each clear by itself, and which."""

from __future__ import annotations

import re
from dataclasses import replace

from bot import meaning
from bot.folding import fold
from bot.handlers import reporting
from bot.service import Service
from bot.talk import Wish
from bot.understanding import Intent, understand

LONGEST, MOST = 80, 3  # characters of a line, wishes in it
APART = re.compile(r"[,，.。;；!！?？~…\n]+\s*|\s+(?=and |also |then )")  # no other blank: 还书 三体 is one wish
ANOTHER = re.compile(r"(?:(?:顺便|顺带|另外|还有|然后|接着|同时|对了|再|也|(?:and|also|then|plus)\b)[ ,]*)+")
SPEAKS = 4  # characters of what can stand as a wish beside another though nothing says that it is one more
BOOKS = ("search", "borrow", "add_to_cart", "hold", "show_title")  # one at most, told last: it is chosen from
OWN = ("renew", "return_books", "show_loans", "show_orders", "show_holds", "show_cart", "show_credit")
QUESTIONS = ("faq", "fees", "find_branches", "events", "new_books", "ranking", "recommend")
MISHAPS = ("report_lost", "report_damaged")
CART = ("remove_from_cart", "checkout")
WHOLE = {"faq", "fees", "find_branches", "return_books", *MISHAPS}  # what one answer may cover: left together
BEFORE_A_BOOK = re.compile("(?:我|把|借的|那本|这本|不小心|好像|可能)+")


def told_apart(service: Service, text: str, whole: Intent) -> list[tuple[str, Intent]]:
    """Each wish in its own words, a book last; [] where the line is one wish, as far as is known for certain."""
    if len(text) > LONGEST or meaning.AN_ADDRESS.search(text) or "titles" in whole.slots:
        return []
    parts = [part.strip() for part in APART.split(text) if part.strip()]
    said = understand(text)
    if not 2 <= len(parts) <= MOST or (not said.heard and _certain(service, text, said)):
        return []
    more = [bool(ANOTHER.match(fold(part))) for part in parts]
    if not all(len(fold(part)) >= SPEAKS or one for part, one in zip(parts, [any(more[1:]), *more[1:]], strict=True)):
        return []
    wishes = [_meant(service, part) for part in parts]
    names = {wish.name for _text, wish in wishes}
    if len(names) < len(wishes) or names <= WHOLE or len(names & set(BOOKS)) > 1:
        return []
    if not all(_certain(service, rest, wish) for rest, wish in wishes):
        return []
    if "checkout" in names and not names <= set(CART):
        return []  # a book and the way it comes are one wish: 借围城，下单
    return sorted(wishes, key=lambda wish: (wish[1].name in BOOKS, wish[1].name == "checkout"))


def each(service: Service, *parts: str) -> list[Wish]:
    """What each part asks for, with what is looked up for it; [] unless every one is clear by itself, if only by some
    of its words; a book that is to be borrowed has a name."""
    wishes = [_meant(service, part) for part in parts]
    for rest, wish in wishes:
        sure = replace(wish, heard=False) if wish.name in OWN else wish
        if not _certain(service, rest, sure) or (wish.name in BOOKS and not wish.slots):
            return []
    return [Wish(rest, wish, meaning.look_up(service, wish)) for rest, wish in wishes]


def _meant(service: Service, part: str) -> tuple[str, Intent]:
    """A part in its own words; a book of ours that is lost or broken is no search."""
    rest = _rest(part)
    wish, said = meaning.meant(service, rest), reporting.OWN.fullmatch(fold(rest))
    title = BEFORE_A_BOOK.sub("", said["title"], 1) if said else ""
    if said and meaning.called(service, title) and not meaning.called(service, rest):
        return rest, Intent("report_lost" if said["lost"] else "report_damaged", {"title": title})
    return rest, wish


def _rest(part: str) -> str:
    """Without what only says that it is one more wish."""
    found = ANOTHER.match(fold(part))
    return part[found.end() :].strip() or part if found else part


def _certain(service: Service, text: str, wish: Intent) -> bool:
    """Whether the words say just that: a book is one of ours by its name, a question is one that we know."""
    if wish.name in ("search", "show_title"):
        return meaning.called(service, str(wish.slots.get("query") or wish.slots.get("title") or text))
    if wish.likened or (wish.heard and wish.name != "faq") or wish.name not in BOOKS + OWN + QUESTIONS + MISHAPS + CART:
        return False
    title = str(wish.slots.get("title", ""))
    return not title or meaning.called(service, title)

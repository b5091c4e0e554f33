"""围城帮我借一本, 哪个馆有围城: a book of ours called by its bare name, where others write 《》 or say 这本书."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.folding import fold
from bot.half_asked import question
from bot.phrasebook import phrasebook
from bot.understanding import Intent, understand

WISHES = ("borrow", "add_to_cart", "show_title", "hold")
AT_HOME = ("renew", "return_books", "transfer", "report_lost", "report_damaged")  # done with books one has
LONGEST, LONGEST_EN, SHORTEST, SHORTEST_EN = 40, 80, 2, 4  # characters of a line, of a bare name
LITTLE = 8  # characters around a name, at most, that tell of a book at home: 遗失在日本的中国建筑史 is a title
CLAUSES = re.compile("[,，.。;；!！?？~…]+ *")
TAKE = (
    "(?>请|麻烦|那就?|[就先再还也想要我]|帮我?|给我?|可以|能不能|能)*+(?:借|拿|来|加)(?:一下|[一1]?[本套])?(?:书?叫做?)?"
)
SENT = "(?:帮我|给我)?(?:送|寄|快递)(?:到?我?们?家里?|上门|过?来|给我)(?>[吧吗呗]|可以|行)*+"
WANT = "(?>那就?|[就先再还也我想])*+要(?:[一1]?[本套])?"
BEFORE = re.compile(f"{TAKE}|{WANT}|求[一1]?本?|那?就")  # wanted, and put into the cart
BEHIND = re.compile(
    f"{TAKE}(?:给?我)?(?>看看?|读|[吧呗了啊吗])*+(?:{SENT})?|(?>[再先就也想我])*+要[一1][本套]?[吧呗了啊]?|{SENT}"
)
AROUND = re.compile("(?:[这那]一?本书?|[一1]本|看看|[吧呗啊])+")  # behind what is wanted
THIS = re.compile("^[这那]一?本书?(?=.)")  # 围城这本书我要还
THE_WHOLE = re.compile(
    f"(?:能不能|可以|能|请|麻烦|帮我)?把《{SENT}"
    "|(?:如果|要是)?(?:你们|馆里)?有?《(?:如果|要是)?(?:有货?)?的话.{0,6}[借来]我?[一1]?[下本].{0,2}"
)
IS_THERE = re.compile(
    "(?:请问|你们|馆里|那边|这里)?有《(?:没|不|伐)"
    "|(?:请|麻烦)?[帮给]?我?[查搜找看](?:一?下|[查找看])?《(?:这本书?)?还?(?:有没有|有吗|有没|在不在|在吗)"
)
WAITED = re.compile("留|预约|预借|排队|hold|reserve")  # nothing is done that was only like such a wish: 活着回来
SOUGHT = re.compile(r"[找查搜看]|\b(?:find|search|look)")  # and only looked for
BEFORE_EN = re.compile("(?:(?:can|could|may) (?:i|we) (?:get|have|borrow))?(?: ?(?:a|one) copy of)?")
BEHIND_EN = re.compile(r"(?:delivered|sent|brought)?(?: ?to (?:me|us|my \w+))?(?: ?please)?")


def wish(text: str, sought: bool, names: Iterable[str]) -> Intent | None:
    """The wish for the book that has one of `names` and is called so in the line; None where there is none such.

    Where the book is `sought` and would be shown anyway, only the wish to have it counts.
    """
    name, *behind = CLAUSES.split(text.strip(" ,，。.!！?？~…"))
    if len(text) > (LONGEST_EN if text.isascii() else LONGEST) or "《" in text or len(behind) > 1:
        return None
    said = " ".join((name, *behind))
    for name in sorted(names, key=len, reverse=True):
        at = _where(name, said)
        if at < 0 or (behind and at + len(name) != len(said) - len(behind[0]) - 1):
            continue  # of two clauses the first ends with the name, or they are two wishes: 还书，顺便借围城
        found = _of(said[:at].strip(), name, said[at + len(name) :].strip())
        if found and (not sought or found.name in ("borrow", "add_to_cart")):
            return found
    return None


def _where(name: str, said: str) -> int:
    """Where it begins in the line; -1 for one that is too short, or only part of a word."""
    plain, folded = fold(name), fold(said)
    at = folded.find(plain) if len(name) >= (SHORTEST_EN if name.isascii() else SHORTEST) else -1
    if name.isascii() and (folded[at - 1 : at] + folded[at + len(plain) :][:1]).strip():
        return -1
    return at


def _of(before: str, name: str, behind: str) -> Intent | None:
    if question(name) or phrasebook().leads.fullmatch(name):  # 为什么, 我们: books, too, but hardly here
        return None
    behind = THIS.sub("", behind)
    gap, this_book = (" ", "this book") if before.isascii() and behind.isascii() else ("", "这本书")
    at_home = (*AT_HOME, "show_loans") if len(before + behind) <= LITTLE else ()
    marked = understand(gap.join((before, f"《{name}》", behind)).strip())
    if marked.slots.get("title") == name:
        return marked if marked.name in (*WISHES, *at_home) else None
    if _wanted(before, behind):
        return Intent("borrow", {"title": name})
    if IS_THERE.fullmatch(f"{before}《{behind}"):
        return Intent("show_title", {"title": name})
    this = Intent("search") if SOUGHT.search(before) else understand(gap.join((before, this_book, behind)).strip())
    if this.name not in WISHES:
        known = this.name in at_home and not this.likened
        return Intent(this.name, {**this.slots, "title": name}) if known else None
    certain = not this.likened or (this.name == "hold" and WAITED.search(before + behind))
    return Intent(this.name if certain else "show_title", {**this.slots, "title": name}, this.likened, this.heard)


def _wanted(before: str, behind: str) -> bool:
    if not before and BEHIND.fullmatch(behind):
        return True
    first = BEFORE.fullmatch(before) and (not behind or AROUND.fullmatch(behind))
    english = before and BEFORE_EN.fullmatch(before) and BEHIND_EN.fullmatch(behind)
    return bool(first or english or THE_WHOLE.fullmatch(f"{before}《{behind}"))

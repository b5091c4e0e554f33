"""「我的三体破了」, 「三体找到了」: a book at home is named or counted, and what is said of it is no search."""

from __future__ import annotations

import re
from dataclasses import replace

from bot import numbers
from bot.by_name import AT_HOME
from bot.folding import fold, letters
from bot.meaning import called_so
from bot.talk import Talk
from bot.understanding import Intent, understand
from lending import loans
from lending.drifting import OwnBook
from lending.loans import Loan

LONGEST = 40
THIS = "这本书"
ABOUT = (*AT_HOME, "show_loans")


def asked(talk: Talk) -> Intent | None:
    """What the words mean where "this book" stands for the name; None where they are a title, still a search, or
    several wishes."""
    said = fold(talk.event.text).replace("《", "").replace("》", "")
    sure = talk.intent.name in ABOUT or not (talk.intent.likened or talk.intent.name == "search")
    if sure or talk.acting or talk.wishes or len(said) > LONGEST or called_so(talk) is not None:
        return None
    named = named_in(said, loans.of_reader(talk.db, talk.reader.id))
    names = {name for name in map(main_name, named) if name in said}
    if len(names) != 1 or letters(said) in map(letters, names):
        return None
    name = names.pop()
    meant = understand(said.replace(name, THIS, 1))
    return replace(meant, slots={"title": name}) if meant.name in ABOUT else None


def named_in(said: str, held: list[Loan]) -> list[Loan]:
    """Those of the books at home whose names stand in a sentence: "围城弄丢了", "活着转给我同学"."""
    return [loan for loan in held if is_named(said, loan)]


def counted(talk: Talk, held: list[Loan], n: int) -> list[Loan]:
    """The n-th of the list that stands there, which a renewal does not renumber; of all at home where none was shown."""
    numbered = talk.memory.get("loans") or [loan.id for loan in held]
    return [loan for loan in held if loan.id == numbers.nth(numbered, n)]


def is_named(said: str, book: Loan | OwnBook) -> bool:
    """Whether a sentence has its name."""
    name = letters(main_name(book))
    return len(name) > 1 and name in letters(said)


def main_name(book: Loan | OwnBook) -> str:
    """A book's name as it is spoken, without what stands behind a colon."""
    return fold(re.split("[:：（(]", book.title)[0]).strip()

"""「我的三体破了」, 「三体找到了」: a book at home is named, and what is said of it is no search."""

from __future__ import annotations

from dataclasses import replace

from bot.folding import fold, letters
from bot.handlers import casework
from bot.meaning import AT_HOME, called_so
from bot.talk import Talk
from bot.understanding import Intent, understand
from lending import loans

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
    named = casework.named_in(said, loans.of_reader(talk.db, talk.reader.id))
    names = {name for name in map(casework.main_name, named) if name in said}
    if len(names) != 1 or letters(said) in map(letters, names):
        return None
    name = names.pop()
    meant = understand(said.replace(name, THIS, 1))
    return replace(meant, slots={"title": name}) if meant.name in ABOUT else None

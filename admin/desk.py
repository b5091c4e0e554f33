"""What every room of the librarian's page works with: the store, the rules, the clock, and the language's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from flask import g, session

from lending import cities
from lending.clock import Clock
from lending.database import Database, Row, Store
from lending.decisions import Decision
from lending.model import library_day
from lending.policy import Policy

LANGUAGES = {"zh_Hans": "简体中文", "zh_Hant": "繁體中文", "en": "English"}
LANGUAGE_TAGS = {"zh_Hans": "zh-Hans", "zh_Hant": "zh-Hant", "en": "en"}


class Words(Protocol):
    """One language: `_("…{n}…", n=3)` says a sentence, `_.n(one, many, n)` a counted one."""

    language: str

    def __call__(self, msgid: str, **values: Any) -> str: ...

    def n(self, one: str, many: str, n: int, **values: Any) -> str: ...

    def called(self, chinese: str, english: str) -> str: ...

    def day(self, moment: datetime) -> str: ...

    def date(self, day: date) -> str: ...

    def time(self, moment: datetime) -> str: ...

    def moment(self, moment: datetime) -> str: ...

    def money(self, fen: int) -> str: ...

    def listed(self, items: Iterable[str]) -> str: ...

    def together(self, *sentences: str) -> str: ...


def N_(msgid: str) -> str:
    """Mark a sentence for translation where it is written; it is translated where it is said."""
    return msgid


@dataclass(frozen=True, slots=True)
class Desk:
    """Given once at the start. `order_states` and `fulfilments` map codes to msgids; what is called comes from the
    talk's side. `doors` is told what a printed code carries and how this page is reached.
    """

    store: Store
    policy: Policy
    clock: Clock
    words: Callable[[str, int], Words]  # in a language, in the year it is
    library: str
    order_states: Mapping[str, str]
    fulfilments: Mapping[str, str]
    card_key: bytes  # hashes the numbers of readers' cards
    dead_letters: Callable[[Database, int], list[Row]]  # events that could not be understood
    unreachable: Callable[[Database], list[Row]]  # chats that refuse our messages
    explain: Callable[..., list[str]]  # whether a reader may borrow, and why not, in sentences
    refused: Callable[[Any, Decision], str]  # every reason of a refusal, as a librarian is told it
    terms: Callable[..., list[str]]  # what a reader agrees to with an order, in sentences to be read out
    basis: Callable[..., str]  # what a line of the ledger rests on, in words
    unheard: Callable[[Database, int, datetime], str]  # why no message has reached a reader since; '' when some did
    visits: Callable[[Database, date, date], int]  # how much readers said between two days
    has_chat: Callable[[Database, int], object]
    link_code: Callable[[Database, int, bytes, Policy, datetime], tuple[str, datetime]]  # brings a chat, until when
    doors: Callable[[str, str], Mapping[str, str]]  # where the code leads: by "web" and "telegram"
    followed: bool  # whether a service outside follows what couriers carry

    @property
    def db(self) -> Database:
        """This thread's reading connection; `writing(desk.db)` writes."""
        return self.store.db

    def now(self) -> datetime:
        """The library's present moment."""
        return self.clock.now()

    def silent(self, reader_id: int) -> bool:
        """Whether no chat takes what is told to the reader, nor a guardian's: they can only be telephoned (B2-28)."""
        return self.unheard(self.db, reader_id, self.now()) in ("none", "refused")

    def heard(self, reader_id: int) -> str:
        """Behind what was done: that the reader is told, or that a person has to do it (B2-28)."""
        _ = self.say()
        return _("TA 没有能收到消息的聊天：请说给 TA 听，或打个电话。") if self.silent(reader_id) else _("会告诉读者。")

    def language(self) -> str:
        """What this librarian chose; Simplified Chinese until then."""
        return str(session.get("staff_language", "zh_Hans"))

    def cities(self) -> dict[str, str]:
        """The cities of the points, each as this librarian calls it; none where there are fewer than two (A2-16)."""
        if "staff_cities" not in g:
            say, english = self.say(), self.language() == "en"
            known = cities.named(self.db)
            g.staff_cities = {one.name: one.name_en if english and one.name_en else say(one.name) for one in known}
        found: dict[str, str] = g.staff_cities
        return found

    def say(self) -> Words:
        """The words of this request's language."""
        if "staff_words" not in g:
            g.staff_words = self.say_in(self.language())
        found: Words = g.staff_words
        return found

    def say_in(self, language: str) -> Words:
        """The words of that language; days of another year than this are said with theirs."""
        return self.words(language, library_day(self.now()).year)

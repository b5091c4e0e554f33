"""What every answer needs: the library's parts, the terminal that asks, and the reader whose card was shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lending import cards
from lending.clock import Clock
from lending.database import Database, Store
from lending.errors import LendingError
from lending.model import LIBRARY_ZONE
from lending.points import Point
from lending.policy import Policy
from lending.readers import Reader
from partners.sip2.codec import Request, lines
from partners.stage import Words

LANGUAGES = {"001": "en", "019": "zh_Hans", "027": "zh_Hant"}  # SIP2's numbers; 000 means none was chosen
CODES = {language: code for code, language in LANGUAGES.items()}
HOME_LANGUAGE = "zh_Hans"


@dataclass(frozen=True, slots=True)
class Terminal:
    """A kiosk's login, where it stands, and how it writes Chinese: utf-8 or gbk."""

    name: str
    password: str
    point: Point
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Kiosk:
    """The library as a terminal sees it; `explain` gives a refusal its words."""

    store: Store
    policy: Policy
    clock: Clock
    words: Callable[[str], Words]
    explain: Callable[[Any, LendingError], str]
    library: str
    card_key: bytes

    @property
    def db(self) -> Database:
        """This thread's reading connection."""
        return self.store.db


@dataclass(frozen=True, slots=True)
class Call:
    """One request at one terminal, at one moment."""

    kiosk: Kiosk
    terminal: Terminal
    request: Request
    now: datetime

    @property
    def db(self) -> Database:
        """This thread's reading connection."""
        return self.kiosk.db

    def date(self) -> str:
        """Now, as SIP2 writes it."""
        return sip_date(self.now)

    def reader(self) -> Reader:
        """Whose card was shown, while it is not blocked. Raises UnknownThing."""
        found, blocked = self.card()
        if blocked:
            raise cards.CardBlocked()
        return found

    def card(self) -> tuple[Reader, bool]:
        """Whose card was shown, and whether it is blocked. Raises UnknownThing."""
        return cards.reader_of(self.db, self.request["AA"], self.kiosk.card_key)

    def say(self, language: str = "") -> Words:
        """The words of a reader's language; without a reader, of what the terminal asked for."""
        return self.kiosk.words(language or LANGUAGES.get(self.request.fixed.get("language", ""), HOME_LANGUAGE))

    def refused(self, error: LendingError, language: str = "") -> list[str]:
        """The refusal in words, line by line: every reason of a decision is one (D-4)."""
        return self.screen(self.kiosk.explain(self.say(language), error))

    def screen(self, text: str) -> list[str]:
        """A text as fields for the terminal's screen."""
        return lines(text, self.terminal.encoding)

    def common(self) -> dict[str, str | list[str]]:
        """What most answers repeat: the date, the library, the card as it was sent."""
        return {"date": self.date(), "AO": self.request["AO"], "AA": self.request["AA"]}


def sip_date(moment: datetime) -> str:
    """YYYYMMDD, four blanks for local time, HHMMSS."""
    return moment.astimezone(LIBRARY_ZONE).strftime("%Y%m%d    %H%M%S")

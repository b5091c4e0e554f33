"""What the simulators' pages work with: the store, the rules, the clock, and the words of the visitor's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from flask import flash, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from lending.clock import Clock
from lending.database import Database, Store
from lending.policy import Policy
from partners.locker_machine import Machine

LANGUAGES = {"zh_Hans": "简体中文", "zh_Hant": "繁體中文", "en": "English"}
LANGUAGE_TAGS = {"zh_Hans": "zh-Hans", "zh_Hant": "zh-Hant", "en": "en"}
TRADITIONAL = {"hant", "tw", "hk", "mo"}


def N_(msgid: str) -> str:
    """Mark a sentence for translation where it is written."""
    return msgid


class Words(Protocol):
    """One language: `_("…{n}…", n=3)` says a sentence, `_.n(one, many, n)` a counted one."""

    language: str

    def __call__(self, msgid: str, **values: Any) -> str: ...

    def n(self, one: str, many: str, n: int, **values: Any) -> str: ...

    def day(self, moment: datetime) -> str: ...

    def moment(self, moment: datetime) -> str: ...


def known_language(tag: str) -> str:
    """Which of our languages a browser's tag means; '' for none."""
    parts = tag.lower().split("-")
    if parts[0] == "zh":
        return "zh_Hant" if TRADITIONAL & set(parts) else "zh_Hans"
    return "en" if parts[0] == "en" else ""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the console's views work with."""

    store: Store
    policy: Policy
    clock: Clock
    words: Callable[[str], Words]
    library: str
    order_states: Mapping[str, str]
    fulfilments: Mapping[str, str]
    tick: Callable[[], object]
    door_key: bytes = b""  # from which each locker has its key to sign with
    machines: dict[str, Machine] = field(default_factory=dict)  # the lockers' machines, by code

    @property
    def db(self) -> Database:
        """This thread's reading connection."""
        return self.store.db

    def language(self) -> str:
        """The visitor's: chosen here, else as in the chat's page, else what the browser asks for."""
        chosen = session.get("console_language") or session.get("language")
        if chosen in LANGUAGES:
            return str(chosen)
        return next(filter(None, map(known_language, request.accept_languages.values())), "zh_Hans")

    def say(self) -> Words:
        """The words of the visitor's language."""
        return self.words(self.language())

    def done(self, text: str, anchor: str, kind: str = "done") -> AnyResponse:
        """Do what has come due, say what happened, and show the console again where the visitor was."""
        self.tick()
        flash(text, kind)
        return redirect(url_for("simulator.console", _anchor=anchor))

"""What sentences need that the library says by itself: the store, the reader, the rules and the hour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.events import Reply
from bot.texts import Words
from lending.database import Database
from lending.notices import Notice
from lending.policy import Policy
from lending.readers import Reader


@dataclass(frozen=True, slots=True)
class Saying:
    """One reader being told something."""

    db: Database
    reader: Reader
    words: Words
    policy: Policy
    now: datetime


Sentences = Callable[[Saying, Sequence[Notice]], Reply | None]

"""A credit bureau that does not exist: it asks the visitor what it should answer, and answers that (B3.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lending import credit
from lending.database import Database, Row
from lending.errors import UnknownThing
from lending.model import Verdict


class SimulatedBureau:
    """Implements `lending.credit.Bureau`. `public_url` is put before the page's path where a link must be absolute."""

    name = "zhima-simulator"
    simulated = True

    def __init__(self, public_url: str = "") -> None:
        self._public_url = public_url.rstrip("/")

    def link(self, token: str) -> str:
        """The page on which the visitor plays the bureau."""
        return f"{self._public_url}/simulator/bureau/{token}"


def report(db: Database, event: dict[str, Any], now: datetime) -> bool:
    """What the bureau tells us: {"token": …, "verdict": "yes" | "no" | "cannot_tell", "reference": …}.

    False when it had answered before. Raises KeyError, ValueError for an event of another form, UnknownThing.
    """
    verdict = Verdict(event["verdict"])
    token = str(event["token"])
    return credit.record_verdict(db, token, verdict, str(event.get("reference", "simulated")), now)


def waiting(db: Database) -> list[Row]:
    """Questions not answered yet: token, threshold, reader's number, the newest first."""
    return db.all(
        "SELECT c.token, c.threshold, c.consented_at, r.number FROM credit_checks c "
        "JOIN readers r ON r.id = c.reader_id WHERE c.verdict IS NULL ORDER BY c.id DESC LIMIT 50"
    )


def question(db: Database, token: str) -> credit.Check | None:
    """The question behind a link; None for a link we never gave."""
    try:
        return credit.check_by_token(db, token)
    except UnknownThing:
        return None

"""核对码: a librarian calls the telephone a card is registered with and reads a code; the reader says it in the chat.

Whoever holds that telephone and that chat is the card's holder; neither camera nor password is needed (A3-32).
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime, timedelta

from lending import proofs
from lending.database import Database, writing
from lending.errors import UnknownThing
from lending.model import half_width, parse_stamp, stamp
from lending.policy import Policy

CODE = re.compile(r"\s*HM[\s-]?(\d{4})[\s-]?(\d{4})\s*", re.IGNORECASE)
WRONG, SPENT = "wrong", "spent"


def code_in(text: str) -> str:
    """The eight digits of a code, or ''."""
    found = CODE.fullmatch(half_width(text))
    return found[1] + found[2] if found else ""


def give(db: Database, proof_id: int, key: bytes, policy: Policy, now: datetime) -> tuple[str, datetime]:
    """A code to be read out, told once, and until when it holds; the one before ends. Raises UnknownThing."""
    code, until = f"{secrets.randbelow(10**8):08d}", now + timedelta(minutes=policy.codes.minutes)
    with writing(db) as db:
        given = db.run(
            "UPDATE proofs SET code = :code, code_until = :until WHERE id = :id AND state = 'desk'",
            code=_digest(code, proof_id, key), until=stamp(until), id=proof_id,
        )  # fmt: skip
    if not given:
        raise UnknownThing("proof", "")
    return f"HM {code[:4]} {code[4:]}", until


def _digest(code: str, proof_id: int, key: bytes) -> str:
    return hmac.new(key, f"proof:{proof_id}:{code}".encode(), "sha256").hexdigest()


def take(db: Database, reader_id: int, code: str, key: bytes, policy: Policy, now: datetime) -> str:
    """The state of the reader's card after the code was said; WRONG, or SPENT after too many wrong ones."""
    with writing(db) as db:
        waiting = db.all(
            "SELECT id, code, code_until, code_tries FROM proofs "
            "WHERE reader_id = :r AND state = 'desk' AND code <> '' ORDER BY id DESC",
            r=reader_id,
        )
        open_to_it = [row for row in waiting if row["code_tries"] < policy.codes.tries_a_day]
        for row in open_to_it:
            fits = hmac.compare_digest(row["code"], _digest(code, row["id"], key))
            if fits and parse_stamp(row["code_until"]) > now:
                return proofs.settle(db, row["id"], "yes", now)
        db.run(
            "UPDATE proofs SET code_tries = code_tries + 1 WHERE reader_id = :r AND state = 'desk' AND code <> ''",
            r=reader_id,
        )
    return SPENT if waiting and not open_to_it else WRONG

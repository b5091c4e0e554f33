"""运费可能要退: fees of what the courier lost that fall due with the order; a librarian gives them back (A4-9).

Payments are not kept here, so nobody but the librarian at the desk can say whether one was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lending import notices
from lending.database import Database, Row, writing
from lending.errors import CannotChange, UnknownThing
from lending.model import parse_stamp, stamp
from lending.policy import Policy

GIVEN, NOT_PAID = "given", "not_paid"  # how it ends
ENDS = (GIVEN, NOT_PAID)


@dataclass(frozen=True, slots=True)
class FeeRefund:
    """What a reader may have paid for books that the courier lost. `number` is the order's, '' of a pick-up at home."""

    id: int
    reader_id: int
    object: str  # order:SX… | home_return:7
    fen: int
    state: str  # open | given | not_paid
    made_at: datetime

    @property
    def number(self) -> str:
        """By which it is asked for."""
        kind, name = self.object.split(":", 1)
        return name if kind == "order" else ""


SELECT = "SELECT id, reader_id, object, fen, state, made_at FROM fee_refunds "


def _refund(row: Row) -> FeeRefund:
    return FeeRefund(**{**row, "made_at": parse_stamp(row["made_at"])})


def owe(db: Database, reader_id: int, obj: str, fen: int, policy: Policy, now: datetime) -> None:
    """So much of the fee is not the reader's any more; nothing where fees are paid afterwards. Call in `writing`."""
    if fen <= 0 or policy.fees.pay != "order":
        return
    if not db.run("UPDATE fee_refunds SET fen = fen + :fen WHERE object = :o AND state = 'open'", fen=fen, o=obj):
        db.run(
            "INSERT INTO fee_refunds (reader_id, object, fen, made_at) VALUES (:r, :o, :fen, :now)",
            r=reader_id, o=obj, fen=fen, now=stamp(now),
        )  # fmt: skip


def settle(db: Database, refund_id: int, state: str, now: datetime) -> FeeRefund:
    """A librarian has given it back, or finds that it was never paid; the reader hears which.

    Raises UnknownThing, CannotChange where a colleague was faster.
    """
    if state not in ENDS:
        raise UnknownThing("step", state[:20])
    with writing(db) as db:
        row = db.one(SELECT + "WHERE id = :id", id=refund_id)
        if row is None:
            raise UnknownThing("fee_refund", str(refund_id))
        if not db.run(
            "UPDATE fee_refunds SET state = :s, settled_at = :now WHERE id = :id AND state = 'open'",
            s=state, now=stamp(now), id=refund_id,
        ):  # fmt: skip
            raise CannotChange("fee_refund", str(refund_id), row["state"])
        done = _refund({**row, "state": state})
        facts = {"number": done.number, "fen": done.fen}
        notices.record(db, done.reader_id, "fee_refund", f"fee_refund:{done.id}", state, now, **facts)
        return done


def open_ones(db: Database, reader_id: int | None = None) -> list[FeeRefund]:
    """What nobody has settled, the longest first; of one reader when named."""
    mine = "WHERE state = 'open' AND (:r IS NULL OR reader_id = :r) ORDER BY made_at, id"
    return [_refund(row) for row in db.all(SELECT + mine, r=reader_id)]


def open_of(db: Database, obj: str) -> FeeRefund | None:
    """What may have to be given back of this order or pick-up."""
    row = db.one(SELECT + "WHERE object = :o AND state = 'open'", o=obj)
    return _refund(row) if row else None
